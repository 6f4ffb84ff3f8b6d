import { expect, type Page, test } from "@playwright/test";
import { desktop, Person, phone } from "../lib/browser.ts";
import { openCalendar } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { authenticatorCode, codeAfter, lettersTo } from "../lib/mailbox.ts";
import { Server } from "../lib/server.ts";

const doctor = "doctor@meridian.example";
const patient = "sokolov@example.org";
const password = "зелёный чайник поёт";

let server: Server;
let first: Person;
let second: Person;
let secret = "";
let recovery = "";

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  server = await Server.start();
  first = await Person.open("first");
  second = await Person.open("second", { locale: "ru-RU" });
});

test.afterAll(async () => {
  expect([...first.errors, ...second.errors]).toEqual([]);
  await first?.close();
  await second?.close();
  await server?.stop();
});

async function enterLogin(page: Page, login: string, path = "/sign-in"): Promise<void> {
  await page.goto("about:blank");
  await page.goto(`${server.origin}${path}`);
  await page.getByLabel("Почта или номер телефона").fill(login);
  await page.getByRole("button", { name: "Продолжить" }).click();
  await expect(page.getByTestId("send-code")).toBeVisible();
}

async function enterPassword(page: Page): Promise<void> {
  await page.getByLabel("Пароль").fill(password);
  await page.getByRole("button", { name: "Войти с паролем" }).click();
}

test("staff set up a password and an authenticator", async () => {
  const { page } = first;
  await openCalendar(first, server.links.doctor);
  await page.getByRole("link", { name: "Вход и безопасность" }).first().click();
  await expect(page).toHaveURL(/\/security$/);
  await photograph(page, "security");
  await page.getByRole("button", { name: "Изменить" }).click();
  await page.getByRole("textbox", { name: "Новый пароль" }).fill("короткий");
  await page.getByRole("button", { name: "Сохранить пароль" }).click();
  await expect(page.getByText("Не меньше 10 символов, пожалуйста.")).toBeVisible();
  await page.getByRole("textbox", { name: "Новый пароль" }).fill(password);
  await page.getByRole("button", { name: "Сохранить пароль" }).click();
  await expect(page.getByText("Пароль изменён.")).toBeVisible();

  await page.getByRole("button", { name: "Подключить" }).click();
  secret = (await page.getByTestId("app-secret").textContent()) ?? "";
  await photograph(page, "security-app");
  await page.getByRole("textbox", { name: "Код из приложения" }).fill(authenticatorCode(secret));
  await expect(page.getByTestId("recovery-codes")).toBeVisible();
  await photograph(page, "security-recovery");
  recovery = (await page.getByTestId("recovery-codes").getByRole("listitem").first().textContent()) ?? "";
  await page.getByRole("button", { name: "Коды сохранены" }).click();
  await expect(page.getByText("Осталось 10 кодов")).toBeVisible();
  expect(lettersTo(server, doctor).some((text) => text.includes("подключено приложение"))).toBe(true);
});

test("staff come in by password and authenticator, back to where they wanted", async () => {
  const { page } = second;
  await page.setViewportSize(phone);
  await page.goto(`${server.origin}/patients`);
  await page.getByRole("link", { name: "Войти" }).click();
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await photograph(page, "signin-login");
  await enterLogin(page, doctor, "/sign-in?to=%2Fpatients");
  await photograph(page, "signin-first");
  await page.getByLabel("Пароль").fill("не тот пароль");
  await page.getByRole("button", { name: "Войти с паролем" }).click();
  await expect(page.getByText("Не подошло. Проверьте и попробуйте снова.")).toBeVisible();
  await photograph(page, "signin-wrong");
  await enterPassword(page);
  await expect(page.getByLabel("Код из приложения")).toBeVisible();
  await photograph(page, "signin-second");
  // A code works once: the one that set the app up is spent.
  const next = authenticatorCode(secret, Date.now() + 30_000);
  await page.getByRole("textbox", { name: "Код из приложения" }).fill(next);
  await expect(page).toHaveURL(/\/patients$/);
  await page.setViewportSize(desktop);
});

test("signing out everywhere ends the other browser's page at once", async () => {
  await openCalendar(first, server.links.doctor);
  await first.page.goto(`${server.origin}/security`);
  const devices = first.page.getByTestId("devices").getByRole("listitem");
  await expect(devices.filter({ hasText: "Chrome, Linux" }).first()).toBeVisible();
  expect(await devices.count()).toBeGreaterThan(1);
  await second.page.goto(`${server.origin}/calendar`);
  await expect(second.page.getByRole("heading", { level: 1 })).toBeVisible();
  const closed = new Promise<void>((done) => {
    second.page.on("websocket", (socket) => socket.on("close", () => done()));
  });
  const opened = second.page.waitForEvent("websocket");
  await second.page.reload();
  await opened;
  await expect(second.page.getByRole("heading", { level: 1 })).toBeVisible();

  await first.page.getByRole("button", { name: "Выйти везде" }).click();
  await photograph(first.page, "security-everywhere");
  await first.page.getByRole("dialog").getByRole("button", { name: "Выйти везде" }).click();
  await expect(first.page).toHaveURL(/\/sign-in/);
  await closed;
  await expect(second.page.getByText("Вы вышли")).toBeVisible();
  expect((await second.page.request.get(`${server.origin}/api/v1/me`)).status()).toBe(401);
});

test("a recovery code stands in for the lost telephone", async () => {
  const { page } = first;
  await enterLogin(page, doctor);
  await enterPassword(page);
  await page.getByRole("button", { name: "Запасной код" }).click();
  await page.getByRole("textbox", { name: "Запасной код" }).fill(recovery);
  await page.getByRole("button", { name: "Продолжить" }).click();
  await expect(page).toHaveURL(/\/calendar/);
});

test("a passkey signs in alone, and as the second step", async () => {
  const { page } = first;
  const cdp = await first.context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${server.origin}/security`);
  await page.getByRole("button", { name: "Добавить ключ" }).click();
  await page.getByLabel("Название ключа").fill("Ноутбук в кабинете");
  await photograph(page, "security-passkey");
  await page.getByRole("button", { name: "Создать ключ" }).click();
  await expect(page.getByText("Ноутбук в кабинете")).toBeVisible();
  await first.context.clearCookies();

  await page.goto(`${server.origin}/sign-in`);
  await page.getByRole("button", { name: "Войти ключом доступа" }).click();
  await expect(page).toHaveURL(/\/calendar/);
  await first.context.clearCookies();

  await enterLogin(page, doctor);
  await enterPassword(page);
  await page.getByRole("button", { name: "Использовать ключ доступа" }).click();
  await expect(page).toHaveURL(/\/calendar/);
  await page.goto(`${server.origin}/security`);
  await page.getByRole("button", { name: /Удалить ключ/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Удалить" }).click();
  await expect(page.getByText("Ноутбук в кабинете")).toBeHidden();
});

test("a patient comes in by a code, without a link", async () => {
  const { page } = second;
  await second.context.clearCookies();
  await page.setViewportSize(phone);
  await page.goto(`${server.origin}/visit`);
  await page.getByRole("link", { name: "Войти" }).click();
  await enterLogin(page, patient);
  const before = lettersTo(server, patient).length;
  await page.getByTestId("send-code").click();
  const code = await codeAfter(server, patient, before);
  await expect(page.getByTestId("resend")).toBeDisabled();
  await photograph(page, "signin-code");
  const field = page.getByLabel("Код из 6 цифр");
  await expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await expect(field).toHaveAttribute("inputmode", "numeric");
  await field.fill(code === "000000" ? "111111" : "000000");
  await expect(page.getByText("Не подошло. Проверьте и попробуйте снова.")).toBeVisible();
  await photograph(page, "signin-code-wrong");
  await field.fill(code);
  await expect(page).toHaveURL(/\/visit$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Иван Петрович");
  await page.getByRole("button", { name: "Вход и безопасность" }).click();
  await expect(page.getByTestId("devices")).toBeVisible();
  await photograph(page, "security-patient");
  await page.setViewportSize(desktop);
});

test("somebody unknown sees the same steps and gets nothing", async () => {
  const { page } = second;
  await second.context.clearCookies();
  await enterLogin(page, "nobody@example.org");
  await page.getByTestId("send-code").click();
  await expect(page.getByLabel("Код из 6 цифр")).toBeVisible();
  await page.getByLabel("Код из 6 цифр").fill("123456");
  await expect(page.getByText("Не подошло. Проверьте и попробуйте снова.")).toBeVisible();
  expect(lettersTo(server, "nobody@example.org")).toEqual([]);
});

test("a forgotten password is set anew by a link, and the second step is still asked", async () => {
  const { page } = second;
  await enterLogin(page, doctor);
  await page.getByRole("button", { name: "Забыли пароль?" }).click();
  await photograph(page, "signin-forgot");
  const before = lettersTo(server, doctor).length;
  await page.getByRole("button", { name: "Прислать ссылку" }).click();
  await expect(page.getByText("ссылка уже в пути")).toBeVisible();
  await expect.poll(() => lettersTo(server, doctor).length).toBeGreaterThan(before);
  const link = /https?:\/\/\S+\/reset#\S+/.exec(lettersTo(server, doctor).at(-1) ?? "")?.[0] ?? "";
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page, "the secret is gone from the address").toHaveURL(/\/reset$/);
  await page.getByRole("textbox", { name: "Новый пароль" }).fill("совсем другой секрет");
  await photograph(page, "signin-reset");
  await page.getByRole("button", { name: "Сохранить пароль" }).click();
  await expect(page.getByText("Пароль изменён.")).toBeVisible();
  await page.getByRole("link", { name: "Войти" }).click();
  await enterLogin(page, doctor);
  await page.getByLabel("Пароль").fill("совсем другой секрет");
  await page.getByRole("button", { name: "Войти с паролем" }).click();
  await expect(page.getByLabel("Код из приложения")).toBeVisible();
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByRole("textbox", { name: "Новый пароль" }).fill("и ещё один секрет");
  await page.getByRole("button", { name: "Сохранить пароль" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
});

test("an administrator gives a system of the clinic's own a token, and takes it back", async () => {
  const { page } = first;
  await first.context.clearCookies();
  await page.goto("about:blank");
  await page.goto(server.links.admin);
  await expect(page).toHaveURL(/\/calendar/);
  await page.getByRole("link", { name: "Вход и безопасность" }).first().click();
  await page.getByRole("link", { name: "Доступ для ваших программ" }).click();
  await page.getByRole("button", { name: "Новый токен" }).click();
  await page.getByRole("textbox", { name: "Название" }).fill("Учёт рабочего времени");
  await page.getByLabel("видеть приёмы").check();
  await photograph(page, "tokens-new");
  await page.getByRole("dialog").getByRole("button", { name: "Новый токен" }).click();
  const token = (await page.getByTestId("api-token").textContent()) ?? "";
  await page.getByRole("button", { name: "Токен сохранён" }).click();
  await photograph(page, "tokens");
  const ask = (path: string) =>
    fetch(`${server.origin}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } }).then((one) => one.status);
  expect(await ask("/appointments")).toBe(200);
  expect(await ask("/patients")).toBe(403);
  await page.getByRole("button", { name: /Отозвать токен/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Отозвать" }).click();
  await expect(page.getByText("Токен отозван.")).toBeVisible();
  expect(await ask("/appointments")).toBe(401);
});
