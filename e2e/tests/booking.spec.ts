import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "../lib/axe.ts";
import { Person, phone } from "../lib/browser.ts";
import { api, appointment, meet, openCalendar, toDeviceCheck, toWaitingRoom } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";
import { MailServer } from "../lib/smtp.ts";

const sokolov = "sokolov@example.org";
const carter = "emily.carter@example.org";

let server: Server;
let mail: MailServer;
let admin: Person;
let doctor: Person;
let ivan: Person;
let emily: Person;

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  mail = await MailServer.start();
  server = await Server.start({ flags: mail.flags });
  admin = await Person.open("admin");
  doctor = await Person.open("doctor");
  ivan = await Person.open("ivan", { size: phone });
  // In another zone than the clinic.
  emily = await Person.open("emily", { size: phone, locale: "en-GB", zone: "Europe/London" });
  for (const person of [admin, doctor, ivan, emily]) person.page.setDefaultTimeout(20_000);
  await openCalendar(admin, server.links.admin);
  await openCalendar(doctor, server.links.doctor3);
  await home(ivan, server.links.patient);
  await home(emily, server.links.patient2);
});

test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus) tell(server, [admin, doctor, ivan, emily]);
});

test.afterAll(async () => {
  const people = [admin, doctor, ivan, emily].filter(Boolean);
  const errors = people.flatMap((one) => one.errors);
  for (const one of people) await one.close();
  await server?.stop();
  await mail?.stop();
  expect(errors).toEqual([]);
});

const dayMs = 24 * 60 * 60 * 1000;
/** A day by the clinic's clock, so many after today. */
const moscowDay = (n: number) =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Moscow" }).format(new Date(Date.now() + n * dayMs));

async function home(person: Person, link: string): Promise<void> {
  // Not back into the room that the tab remembers.
  if (person.page.url() !== "about:blank") await person.page.evaluate(() => sessionStorage.clear());
  await person.page.goto("about:blank");
  await person.page.goto(link);
  await expect(person.page.getByTestId("request-visit")).toBeVisible();
}

/** Sends a change as the page's person. */
async function change<T>(page: Page, method: string, path: string, body: unknown, version?: number): Promise<T> {
  const answer = await page.evaluate(
    async ([how, url, text, match]) => {
      const response = await fetch(url ?? "", {
        method: how ?? "",
        headers: { "Content-Type": "application/json", ...(match ? { "If-Match": `"${match}"` } : {}) },
        body: text ?? "",
      });
      return { status: response.status, body: response.status === 204 ? null : await response.json() };
    },
    [method, `/api/v1${path}`, JSON.stringify(body), version === undefined ? "" : String(version)],
  );
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body as T;
}

/** From one's own page to the times of a service with a doctor. */
async function toTimes(page: Page, service: string, doctorName: string): Promise<void> {
  await page.getByTestId("request-visit").click();
  await page.locator(`[data-service="${service}"]`).click();
  await page.getByTestId("doctor").filter({ hasText: doctorName }).click();
  await expect(page.getByTestId("slot").first()).toBeVisible();
}

const openDay = (page: Page, day: string) => page.locator(`[data-day="${day}"]`).click();

/** The card of the visit that was booked here, among others that the demonstration has. */
const own = (page: Page) => page.locator("main section > ul > li, main > section").filter({ hasText: "First consultation" }).last();

async function noSideways(page: Page, what: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide, `${what} scrolls sideways by`).toBeLessThanOrEqual(0);
}

interface Visit {
  id: string;
  start: string;
  status: string;
  version: number;
}

test("the administrator lets a service be paid later, on terms of its own", async () => {
  const { page } = admin;
  await page.goto(`${server.origin}/clinic/services`);
  await page.locator('[data-service="initial"]').click();
  await page.getByRole("checkbox", { name: "Пациент может записаться и оплатить потом" }).check();
  await page.getByTestId("own-policy").click();
  await page.getByLabel("Возвращается, %").nth(1).fill("120");
  await page.getByTestId("save-service").click();
  await expect(page.getByText("Целое число от 0 до 100.")).toBeVisible();
  await photograph(page, "service-editor");
  await page.getByLabel("Возвращается, %").nth(1).fill("50");
  await page.getByLabel("Часов до начала").first().fill("72");
  await expectAccessible(page, "service editor");
  await page.getByTestId("save-service").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText("оплата потом")).toBeVisible();
});

test("from the doctor's days to the waiting room, by mail and by phone", async () => {
  test.setTimeout(600_000);
  await test.step("the doctor sets the days", async () => {
    const { page } = doctor;
    await page.goto(`${server.origin}/hours`);
    await page.getByLabel("Приём начинается каждые").selectOption("5");
    await page.getByLabel("Запись не позднее чем").selectOption("0");
    await page.getByRole("button", { name: "Добавить особые часы" }).click();
    const special = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Особые часы" }) });
    /** Types a day from the n-th part of the dates on. */
    const type = async (n: number, day: string) => {
      const [y, m, d] = day.split("-");
      await special.getByRole("spinbutton").nth(n).click();
      await page.keyboard.type(`${d}${m}${y}`);
    };
    await type(0, moscowDay(0));
    await type(3, moscowDay(2));
    await photograph(page, "book-hours");
    await special.locator("select").nth(0).selectOption("00:00");
    await special.locator("select").nth(1).selectOption("24:00");
    await page.getByRole("button", { name: "Сохранить" }).click();
    await expect(page.getByText("Сохранено").first()).toBeVisible();
  });

  const { page } = emily;
  await test.step("the patient books in a couple of presses", async () => {
    await photograph(page, "book-home");
    await page.getByTestId("request-visit").click();
    await photograph(page, "book-service");
    await page.locator('[data-service="initial"]').click();
    await photograph(page, "book-doctor");
    await page.getByTestId("doctor").filter({ hasText: "Климова" }).click();
    await openDay(page, moscowDay(1));
    await expect(page.getByTestId("slot").first()).toBeVisible();
    await noSideways(page, "times");
    await expectAccessible(page, "times");
    await photograph(page, "book-times");
    await page.getByTestId("slot").nth(40).click();
    await expect(page.getByTestId("hold-left")).toContainText(/9:\d\d|10:00/);
    await expect(page.getByTestId("terms")).toContainText("₽");
    await page.getByRole("textbox").fill("A sore throat for three days.");
    await noSideways(page, "the last look");
    await expectAccessible(page, "the last look");
    await photograph(page, "book-keep");
    await page.getByTestId("confirm-booking").click();
    await expect(page.getByTestId("booking-done")).toHaveAttribute("data-status", "booked");
    await expectAccessible(page, "booked");
    await photograph(page, "book-done");
    const file = await page.evaluate(async (url) => {
      const answer = await fetch(url ?? "");
      return [answer.headers.get("Content-Type"), await answer.text()];
    }, await page.getByTestId("add-calendar").getAttribute("href"));
    expect(file[0]).toContain("text/calendar");
    expect(file[1]).toContain("STATUS:CONFIRMED");
    const booked = await mail.mail(carter, "Your visit is booked");
    expect([...booked.files.keys()]).toEqual(["visit.ics"]);
  });

  await test.step("what cancelling would cost is said before", async () => {
    await page.getByTestId("booking-home").click();
    await own(page).getByTestId("cancel-visit").click();
    await expect(page.getByTestId("cancel-cost")).toContainText("₽");
    await expectAccessible(page, "cancelling");
    await photograph(page, "book-cancel");
    await page.getByRole("button", { name: "Keep the visit" }).click();
  });

  let start = "";
  await test.step("the patient moves it, and the mail says so", async () => {
    await own(page).getByTestId("move-visit").click();
    await openDay(page, moscowDay(0));
    // The reminder of ten minutes before is the next thing to happen.
    const soonest = Date.now() + 10.3 * 60_000;
    const starts = await page.getByTestId("slot").evaluateAll((all) => all.map((one) => one.getAttribute("data-start") ?? ""));
    start = starts.find((one) => Date.parse(one) > soonest) ?? "";
    expect(Date.parse(start) - Date.now(), "a free time soon").toBeLessThan(17 * 60_000);
    await page.locator(`[data-start="${start}"]`).click();
    await expectAccessible(page, "moving");
    await photograph(page, "book-move");
    await page.getByTestId("confirm-move").click();
    await expect(page.getByTestId("booking-done")).toBeVisible();
    await photograph(page, "book-moved");
    await mail.mail(carter, "has a new time");
    await page.getByTestId("booking-home").click();
    await photograph(page, "book-home-after");
  });

  const reminder = await test.step("the reminder comes over SMTP", () =>
    mail.mail(carter, "Your visit is in", Date.parse(start) - Date.now() - 9 * 60_000));

  await test.step("its link leads to the waiting room", async () => {
    const link = /https?:\/\/\S+\/visit#\S+/.exec(reminder.text)?.[0] ?? "";
    expect(link).toContain(server.origin);
    await page.goto("about:blank");
    await page.goto(link);
    await expect(page.getByTestId("join")).toBeVisible();
    await toDeviceCheck(emily);
    await toWaitingRoom(emily);
    const own = await api<{ items: Visit[] }>(page, "/appointments");
    const waiting = own.items.find((one) => one.status === "waiting");
    expect(waiting?.start).toBe(start);
    await doctor.page.goto(`${server.origin}/calendar?view=day&date=${moscowDay(0)}`);
    await expect(appointment(doctor.page, waiting?.id ?? "", "waiting").first()).toBeVisible();
    await photograph(doctor.page, "book-doctor-sees");
  });
});

test("two patients race for one time: the second hears it and sees what is free", async () => {
  await home(emily, server.links.patient2);
  const pair = [ivan.page, emily.page];
  let day = "";
  for (const page of pair) {
    await toTimes(page, "initial", "Климова");
    day = (await page.locator('[data-free="yes"]').last().getAttribute("data-day")) ?? "";
    await openDay(page, day);
  }
  const start = await ivan.page.getByTestId("slot").nth(5).getAttribute("data-start");
  const press = (page: Page) => page.locator(`[data-start="${start}"]`).click();
  await Promise.all(pair.map(press));
  for (const page of pair) await expect(page.getByTestId("keep").or(page.getByTestId("note-taken"))).toBeVisible();
  const won = await Promise.all(pair.map((page) => page.getByTestId("keep").count()));
  expect(won.reduce((sum, one) => sum + one), "winners").toBe(1);
  const [winner, loser] = won[0] === 1 ? [ivan.page, emily.page] : [emily.page, ivan.page];
  await expect(loser.getByTestId("note-taken")).toBeVisible();
  await openDay(loser, day);
  await expect(loser.locator(`[data-start="${start}"]`)).toHaveCount(0);
  await photograph(loser, "book-taken");
  await loser.getByTestId("slot").first().click();
  await expect(loser.getByTestId("hold-left")).toBeVisible();
  // A page that is left in the middle finds its time again, and can give it back.
  await loser.reload();
  await expect(loser.getByTestId("kept")).toBeVisible();
  await photograph(loser, "book-kept");
  await loser.getByTestId("release").click();
  await expect(loser.getByTestId("kept")).toHaveCount(0);
  await winner.getByTestId("other-time").click();
  await expect(winner.getByTestId("slot").first()).toBeVisible();
});

test("who waits for a full day is offered the time that is given back", async () => {
  const { page } = ivan;
  const day = moscowDay(5);
  const me = await api<{ person: { id: string } }>(doctor.page, "/me");
  const hours = await api<{ version: number; exceptions: unknown[]; practitionerId: string }>(
    doctor.page,
    `/practitioners/${me.person.id}/schedule`,
  );
  const { version, practitionerId: _, ...update } = hours;
  const only = { first: day, last: day, windows: [{ from: "12:00", to: "12:30" }] };
  await change(doctor.page, "PUT", `/practitioners/${me.person.id}/schedule`, { ...update, exceptions: [...hours.exceptions, only] }, version);
  const carterId = (await api<{ person: { id: string } }>(emily.page, "/me")).person.id;
  const taken = await change<Visit>(doctor.page, "POST", "/appointments", {
    patientId: carterId,
    practitionerId: me.person.id,
    serviceId: "initial",
    start: new Date(`${day}T12:00:00+03:00`).toISOString(),
  });
  await home(ivan, server.links.patient);
  await toTimes(page, "initial", "Климова");
  await openDay(page, day);
  await expect(page.getByTestId("wait-join")).toBeVisible();
  await expectAccessible(page, "a full day");
  await photograph(page, "book-full-day");
  await page.getByTestId("wait-join").click();
  await expect(page.getByTestId("wait-joined")).toContainText("Вы следующий");
  await page.reload();
  await expect(page.getByTestId("wait-entry")).toHaveAttribute("data-status", "waiting");
  await photograph(page, "book-waiting");

  await admin.page.goto(`${server.origin}/waiting-list`);
  await expect(admin.page.getByTestId("wait-row")).toContainText("Соколов");
  await admin.page.getByTestId("add-wait").click();
  await admin.page.getByRole("combobox", { name: "Пациент" }).fill("Белова");
  await admin.page.getByRole("option", { name: /Белова/ }).click();
  await admin.page.getByRole("dialog").getByLabel("Услуга").selectOption("initial");
  await photograph(admin.page, "waitlist-add");
  await expectAccessible(admin.page, "waiting list dialog");
  await admin.page.getByTestId("save-wait").click();
  await expect(admin.page.getByTestId("wait-row")).toHaveCount(2);

  await change(doctor.page, "POST", `/appointments/${taken.id}/cancel`, { reason: "перенос" }, taken.version);
  await expect(page.getByTestId("offer"), "the page hears it by itself").toBeVisible({ timeout: 5_000 });
  await photograph(page, "book-offer");
  await expect(admin.page.locator('[data-testid="wait-row"][data-status="offered"]')).toBeVisible();
  await photograph(admin.page, "waitlist");
  const told = await mail.mail(sokolov, "Для вас освободилось время");
  expect(told.text).toContain("/visit#");
  await page.getByTestId("finish-booking").click();
  await page.getByTestId("confirm-booking").click();
  await expect(page.getByTestId("booking-done")).toHaveAttribute("data-status", "booked");
  await page.getByTestId("booking-home").click();
  await expect(page.getByTestId("wait-entry")).toHaveCount(0);
});

test("after a consultation: the follow-up in one press, and an amended conclusion", async () => {
  test.setTimeout(300_000);
  const first = await Person.open("first doctor");
  try {
    const { page } = first;
    const visit = await meet(server, first, ivan);
    await page.getByRole("button", { name: "О визите" }).click();
    await page.getByTestId("modality").getByText("Аудио").click();
    await expect(ivan.page.getByText(/Консультация продолжается так: Аудио/)).toBeVisible();
    const note = await page.getByText("Теперь так: Аудио").boundingBox();
    const finish = await page.getByTestId("finish").boundingBox();
    expect(note && finish && note.y + note.height < finish.y, "a note lies clear of the call's buttons").toBe(true);
    await photograph(page, "modality-switch");
    await page.getByTestId("finish").click();
    await page.getByRole("dialog").getByTestId("finish").click();
    await expect(page).toHaveURL(/\/conclusion$/);
    await page.locator("#section-findings").fill("Зев гиперемирован.");
    await page.locator("#section-diagnosis").fill("Острый фарингит");
    await page.locator("#section-plan").fill("Тёплое питьё.");
    await page.getByTestId("sign").click();
    await expect(page.getByTestId("signed")).toBeVisible();
    await expect(page.getByTestId("book-follow-up")).toBeEnabled();
    await expectAccessible(page, "signed");
    await photograph(page, "follow-up");
    await page.getByTestId("book-follow-up").click();
    await expect(page.getByTestId("follow-up-booked")).toBeVisible();
    await mail.mail(sokolov, "Вы записаны на приём");
    await expect(ivan.page.getByTestId("next-visit")).toBeVisible();
    await photograph(ivan.page, "next-visit");

    await page.getByTestId("amend-open").click();
    await page.locator("#section-plan").fill("Тёплое питьё. Явка при температуре выше 38,5 °C.");
    await page.getByTestId("sign-amendment").click();
    await expect(page.getByText("Напишите почему, в нескольких словах.")).toBeVisible();
    await page.locator("#amend-reason").fill("Забыто предупреждение");
    await expectAccessible(page, "amending");
    await photograph(page, "amend");
    await page.getByTestId("sign-amendment").click();
    await expect(page.getByTestId("versions")).toContainText("38,5");
    await photograph(page, "amended");
    await ivan.page.getByRole("button", { name: "На мою страницу" }).click();
    const papers = ivan.page.locator('[data-testid="document"][data-kind="conclusion"]');
    await expect(papers.filter({ hasText: "заменено новым" }).first()).toBeVisible();
    await photograph(ivan.page, "both-versions");
    expect(visit.appointmentId).not.toBe("");
  } finally {
    expect(first.errors).toEqual([]);
    await first.close();
  }
});

test("a hold that ran out says so and keeps the choice", async () => {
  const quick = await Server.start({ flags: ["--booking-hold=12s"] });
  const { page } = ivan;
  try {
    await home(ivan, quick.links.patient);
    await page.getByTestId("request-visit").click();
    await page.locator('[data-service="question"]').click();
    await page.getByTestId("any-doctor").click();
    await page.getByTestId("slot").last().click();
    await expect(page.getByTestId("hold-left")).toBeVisible();
    await page.getByRole("textbox").fill("Можно ли делать прививку?");
    await expect(page.getByTestId("lapsed")).toContainText(/до \d\d:\d\d/, { timeout: 20_000 });
    await expectAccessible(page, "a hold that ran out");
    await photograph(page, "book-lapsed");
    await page.getByTestId("keep-again").click();
    await expect(page.getByTestId("hold-left")).toBeVisible();
    await expect(page.getByRole("textbox")).toHaveValue("Можно ли делать прививку?");
    await page.getByTestId("confirm-booking").click();
    await expect(page.getByTestId("booking-done")).toHaveAttribute("data-status", "booked");
    await page.getByTestId("booking-home").click();
    const card = page.locator('[data-testid="other-appointment"]').filter({ hasText: "Вопрос врачу" });
    await card.getByTestId("cancel-visit").click();
    await expect(page.getByTestId("cancel-cost")).toHaveText("Это ничего не стоит.");
    await page.getByTestId("confirm-cancel").click();
    await expect(card).toHaveCount(0);
  } finally {
    await page.goto("about:blank");
    await quick.stop();
  }
});
