import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "../lib/axe.ts";
import { Person, phone } from "../lib/browser.ts";
import { meet, openCalendar } from "../lib/clinic.ts";
import { bytesOf, photograph, unzip } from "../lib/files.ts";
import { codeAfter, lettersTo } from "../lib/mailbox.ts";
import { expectMoving } from "../lib/media.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

const address = "nina.orlova@mail.example";
const name = "Нина Сергеевна Орлова";
const reason = "Без сознания, скорая спрашивает об аллергиях";

let server: Server;
let doctor: Person;
let second: Person;
let admin: Person;
let patient: Person;
let used = "";
const people = () => [doctor, second, admin, patient];

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  server = await Server.start();
  doctor = await Person.open("doctor");
  second = await doctor.also("doctor2");
  admin = await doctor.also("admin");
  patient = await doctor.also("patient");
  await patient.page.setViewportSize(phone);
});

test.afterEach(({}, info) => {
  if (info.status !== info.expectedStatus) tell(server, people());
});

test.afterAll(async () => {
  expect(people().flatMap((person) => person.errors)).toEqual([]);
  await doctor?.close();
  await server?.stop();
});

/** The link of the last invitation to an address. */
async function invitationTo(to: string, after = 0): Promise<string> {
  const link = () => /https?:\S+\/invite#\S+/.exec(lettersTo(server, to).at(-1) ?? "")?.[0];
  await expect.poll(() => lettersTo(server, to).length > after && link()).toBeTruthy();
  return link() ?? "";
}

const row = (page: Page, text: string) => page.getByTestId("invitation").filter({ hasText: text });

async function openPatients(person: Person): Promise<void> {
  await person.page.getByRole("link", { name: "Пациенты" }).first().click();
  await expect(person.page.getByRole("heading", { level: 1 })).toHaveText("Пациенты");
}

async function invite(page: Page, contact: string): Promise<void> {
  await page.getByTestId("invite").click();
  await page.getByTestId("invite-contact").fill(contact);
  await page.getByTestId("invite-send").click();
  await expect(row(page, contact)).toHaveAttribute("data-state", "open");
}

async function open(page: Page, link: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(link);
}

test("a doctor invites a person in two activations", async () => {
  const { page } = doctor;
  await openCalendar(doctor, server.links.doctor);
  await openPatients(doctor);
  await page.getByTestId("invite").click();
  await photograph(page, "invite-dialog");
  await page.getByTestId("invite-contact").fill("не адрес");
  await page.getByTestId("invite-send").click();
  await expect(page.getByText("Это не похоже ни на адрес почты, ни на номер телефона")).toBeVisible();
  await photograph(page, "invite-dialog-wrong");
  await page.getByTestId("invite-contact").fill("Nina.Orlova@Mail.example");
  await page.getByTestId("invite-send").click();
  await expect(row(page, address)).toHaveAttribute("data-state", "open");
  await photograph(page, "patients-invited");
  await expectAccessible(page, "patients");
});

test("the person accepts on a telephone: code, who they are, what they agree to", async () => {
  const { page } = patient;
  used = await invitationTo(address);
  await page.goto(used);
  await expect(page.getByText("Анна Сергеевна Морозова")).toBeVisible();
  expect(new URL(page.url()).hash, "the secret is gone from the address").toBe("");
  await photograph(page, "invite-start");
  await expectAccessible(page, "invitation");
  const before = lettersTo(server, address).length;
  await page.getByTestId("code-ask").click();
  const code = await codeAfter(server, address, before);
  await page.getByTestId("code").fill(code === "000000" ? "111111" : "000000");
  await page.getByTestId("code-send").click();
  await expect(page.getByText("Код не подходит")).toBeVisible();
  await photograph(page, "invite-code");
  await page.getByTestId("code").fill(code);
  await page.getByTestId("code-send").click();

  await expect(page.getByTestId("accept")).toBeVisible();
  await page.getByTestId("accept").click();
  await expect(page.getByText("Напишите, как вас зовут.")).toBeVisible();
  await expect(page.getByText("Отметьте то, что нужно клинике.")).toBeVisible();
  await photograph(page, "invite-form-wrong");
  await page.getByTestId("name").fill(name);
  await page.getByTestId("birth-date").fill("1991-02-03");
  await page.getByTestId("sex").selectOption("female");
  await page.getByText("Прочитать текст").first().click();
  await photograph(page, "invite-form");
  await expectAccessible(page, "form of the invitation");
  for (const tick of await page.getByTestId("agree").all()) await tick.check();
  await page.getByTestId("accept").click();
  await expect(page).toHaveURL(/\/visit$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  await photograph(page, "invite-home");
});

test("the card is in the doctor's list at once", async () => {
  const { page } = doctor;
  await expect(page.getByRole("link", { name: new RegExp(name) })).toBeVisible();
  await expect(row(page, name)).toHaveAttribute("data-state", "accepted");
  await photograph(page, "patients-accepted");
});

test("links that were used, replaced or taken back say so", async () => {
  const stranger = await doctor.also("stranger");
  await stranger.page.setViewportSize(phone);
  const over = stranger.page.getByTestId("invitation-over");
  await open(stranger.page, used);
  await expect(over).toBeVisible();
  await photograph(stranger.page, "invite-over");

  const other = "petr@mail.example";
  await invite(doctor.page, other);
  const first = await invitationTo(other);
  await row(doctor.page, other).getByRole("button", { name: "Отправить ещё раз" }).click();
  const again = await invitationTo(other, 1);
  await open(stranger.page, first);
  await expect(over).toBeVisible();
  await open(stranger.page, again);
  await expect(stranger.page.getByTestId("code-ask")).toBeVisible();
  await row(doctor.page, other).getByRole("button", { name: "Отозвать" }).click();
  await expect(row(doctor.page, other)).toHaveAttribute("data-state", "revoked");
  await photograph(doctor.page, "patients-revoked");
  await stranger.page.getByTestId("code-ask").click();
  await expect(over).toBeVisible();
  await open(stranger.page, again);
  await expect(over).toBeVisible();
  await open(stranger.page, `${server.origin}/invite#nothing`);
  await expect(over).toBeVisible();
  expect(stranger.errors).toEqual([]);
  await stranger.context.close();
});

test("a card that is closed opens in an emergency, and the patient reads who and why", async () => {
  const { page } = doctor;
  await page.getByRole("link", { name: new RegExp(name) }).click();
  await expect(page.getByText("Эта карта сейчас для вас закрыта")).toBeVisible();
  await photograph(page, "card-closed");
  await page.getByTestId("break-glass").click();
  await page.getByTestId("glass-reason").fill("срочно");
  await page.getByTestId("glass-send").click();
  await expect(page.getByText("Не меньше 10 знаков.")).toBeVisible();
  await photograph(page, "glass-dialog");
  await page.getByTestId("glass-reason").fill(reason);
  await page.getByTestId("glass-send").click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("Экстренный доступ: администрация и пациент оповещены")).toBeVisible();
  await photograph(page, "card-glass");
  await expectAccessible(page, "card by emergency access");
  for (const to of [address, "admin@meridian.example"]) {
    await expect.poll(() => lettersTo(server, to).some((text) => text.includes("Морозова")), { message: to }).toBe(true);
  }

  await patient.page.getByTestId("my-data").click();
  await expect(patient.page.getByTestId("reading")).toContainText("Анна Сергеевна Морозова");
  await expect(patient.page.getByText(reason)).toBeVisible();
  await photograph(patient.page, "my-data");
  await expectAccessible(patient.page, "my data");

  await openCalendar(admin, server.links.admin);
  await openPatients(admin);
  await expect(admin.page.getByTestId("glass")).toContainText(reason);
  await photograph(admin.page, "glass-list");
  await admin.page.getByTestId("glass").getByRole("button", { name: "Закрыть сейчас" }).click();
  // The doctor's page wipes itself within a second or so.
  await expect(page.getByText("Эта карта сейчас для вас закрыта")).toBeVisible();
  await expect(page.getByText(address)).toHaveCount(0);
});

test("the patient takes a copy of everything", async () => {
  const { page } = patient;
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
  expect(download.suggestedFilename()).toBe("card.zip");
  const card = unzip(await bytesOf(download)).get("card.json");
  const read = JSON.parse(String(card)) as { patient: { name: string }; emergencyAccess: { reason: string }[]; consents: unknown[] };
  expect(read.patient.name).toBe(name);
  expect(read.emergencyAccess[0]?.reason).toBe(reason);
  expect(read.consents.length).toBeGreaterThan(1);
});

test("a consent that is withdrawn is asked for again before the next visit", async () => {
  const { page } = patient;
  await page.getByRole("button", { name: "Отозвать" }).first().click();
  await photograph(page, "my-data-withdraw");
  await page.getByTestId("withdraw").click();
  await expect(page.getByText("не дано").first()).toBeVisible();
  await page.getByRole("button", { name: "Назад" }).click();
  await expect(page.getByTestId("my-data")).toBeVisible();
});

test("the patient is given to another doctor", async () => {
  const { page } = doctor;
  await page.getByRole("link", { name: "Пациенты" }).first().click();
  await page.getByRole("button", { name: `Другой лечащий врач: ${name}` }).click();
  await page.getByTestId("transfer-to").selectOption({ label: "Михаил Андреевич Орлов" });
  await photograph(page, "transfer");
  await page.getByTestId("transfer-send").click();
  await expect(page.getByRole("link", { name: new RegExp(name) })).toContainText("Михаил Андреевич Орлов");
  await expect(page.getByRole("button", { name: `Другой лечащий врач: ${name}` })).toHaveCount(0);
});

test("the administrator erases who is not kept by law, and reads what is", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: /Иван Петрович Соколов/ }).click();
  await page.getByTestId("erase").click();
  await expect(page.getByTestId("kept")).toBeVisible();
  await expect(page.getByTestId("erase-send")).toHaveCount(0);
  await photograph(page, "erase-kept");
  await expectAccessible(page, "what the law keeps");
  await page.goto(`${server.origin}/patients`);
  await page.getByRole("link", { name: new RegExp(name) }).click();
  await page.getByTestId("erase").click();
  await page.getByTestId("erase-send").click();
  await expect(page.getByText("Отметьте, что вы это проверили.")).toBeVisible();
  await photograph(page, "erase");
  await page.getByTestId("erase-sure").check();
  await page.getByTestId("erase-send").click();
  await expect(page).toHaveURL(/\/patients$/);
  await expect(page.getByRole("link", { name: /Иван Петрович Соколов/ })).toBeVisible();
  await expect(page.getByRole("link", { name: new RegExp(name) })).toHaveCount(0);
  await expect(doctor.page.getByRole("link", { name: new RegExp(name) })).toHaveCount(0);
  // Their own page is out at once, and the address can't sign in.
  expect((await patient.page.request.get(`${server.origin}/api/v1/me`)).status()).toBe(401);
});

test("a colleague is asked into a consultation, joins, and is taken out", async () => {
  test.setTimeout(240_000);
  const visitor = await doctor.also("visitor");
  try {
    const visit = await meet(server, doctor, visitor);
    await openCalendar(second, server.links.doctor2);
    await doctor.page.getByTestId("invite").click();
    await doctor.page.getByTestId("colleague").selectOption({ label: "Михаил Андреевич Орлов, Кардиолог" });
    await photograph(doctor.page, "colleague-dialog");
    await doctor.page.getByTestId("colleague-ask").click();
    await expect(doctor.page.getByTestId("invited").filter({ hasText: "Михаил Андреевич Орлов" })).toBeVisible();
    await photograph(doctor.page, "colleague-asked");
    await second.page.getByTestId("joint-join").waitFor();
    await photograph(second.page, "joint");
    await second.page.getByTestId("joint-join").click();
    await expect(second.page.getByTestId("call")).toBeVisible();
    await expect(second.page.getByTestId("remote-video")).toHaveCount(2, { timeout: 20_000 });
    await expectMoving(second.page, "remote-video");
    for (const leads of ["Завершить", "Позвать ещё человека"]) {
      await expect(second.page.getByRole("button", { name: leads }), "a colleague leads nothing").toHaveCount(0);
    }
    await photograph(second.page, "colleague-call");

    await doctor.page.getByRole("button", { name: "Убрать из консультации: Михаил Андреевич Орлов" }).click();
    await expect(second.page.getByTestId("call")).toBeHidden();
    await photograph(second.page, "colleague-removed");
    const answer = await second.page.request.get(`${server.origin}/api/v1/encounters/${visit.encounterId}`);
    expect(answer.status()).toBe(404);
    expect(visitor.errors).toEqual([]);
  } finally {
    await visitor.context.close();
  }
});
