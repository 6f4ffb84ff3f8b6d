import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "../lib/axe.ts";
import { desktop, Person, phone } from "../lib/browser.ts";
import { api, appointment, openCalendar } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { Server } from "../lib/server.ts";

let server: Server;
let admin: Person;
let doctor: Person;

test.beforeAll(async () => {
  server = await Server.start();
  admin = await Person.open("admin");
  // In another zone than the clinic.
  doctor = await Person.open("doctor", { zone: "Europe/Lisbon" });
  for (const person of [admin, doctor]) person.page.setDefaultTimeout(15_000);
  await openCalendar(admin, server.links.admin);
  await openCalendar(doctor, server.links.doctor);
});

test.afterAll(async () => {
  const errors = [...(admin?.errors ?? []), ...(doctor?.errors ?? [])];
  await admin?.close();
  await doctor?.close();
  await server?.stop();
  expect(errors).toEqual([]);
});

interface Visit {
  id: string;
  start: string;
  end: string;
  status: string;
  practitioner: { id: string };
  patient: { id: string; name: string };
  rescheduledTo?: string;
}

const dayMs = 24 * 60 * 60 * 1000;
const inDays = (n: number) => new Date(Date.now() + n * dayMs).toISOString().slice(0, 10);

/** A working day of its own for each number from 20 on, two weeks ahead and more. */
function workday(number: number): string {
  let left = number - 20;
  for (let n = 16; ; n++) {
    const day = inDays(n);
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
    if (weekday > 0 && weekday < 6 && left-- === 0) return day;
  }
}

/** Books by the API as the page's person; Moscow keeps +03:00 all year. */
async function book(page: Page, patient: string, day: string, time: string): Promise<Visit> {
  const me = await api<{ person: { id: string }; role: string }>(page, "/me");
  const doctors = await api<{ items: { id: string; name: string; serviceIds: string[] }[] }>(page, "/practitioners");
  const patients = await api<{ items: { id: string; name: string }[] }>(page, "/patients");
  const own = me.role === "practitioner" ? me.person.id : doctors.items.find((one) => one.name.includes("Морозова"))?.id;
  const answer = await page.evaluate(
    async (body) => {
      const response = await fetch("/api/v1/appointments", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    {
      patientId: patients.items.find((one) => one.name.includes(patient))?.id,
      practitionerId: own,
      serviceId: "followup",
      start: new Date(`${day}T${time}:00+03:00`).toISOString(),
      waiverReason: "test",
    },
  );
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as Visit;
}

const go = async (person: Person, query: string) => {
  await person.page.goto(`${server.origin}/calendar?${query}`);
  await expect(person.page.getByRole("heading", { level: 1 })).toBeVisible();
};

test("every view, at both sizes, without sideways scrolling and clean for assistive tools", async () => {
  const views: [string, string][] = [
    ["view=day", "[data-column]"],
    ["view=week", "[data-column]"],
    ["view=month", "[data-day]"],
    ["view=agenda", "[data-id]"],
    ["view=board", "[data-stage]"],
  ];
  for (const [query, sign] of views) {
    await go(admin, query);
    await expect(admin.page.locator(sign).first()).toBeVisible();
    await expectAccessible(admin.page, query);
    await photograph(admin.page, `calendar-${query.replace("view=", "")}`);
    for (const size of [phone, { width: 640, height: 512 }, desktop]) {
      await admin.page.setViewportSize(size);
      const wide = await admin.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, `${query} at ${size.width} scrolls sideways by`).toBeLessThanOrEqual(0);
      if (size === phone) await expectAccessible(admin.page, `${query} on a phone`);
    }
  }
});

test("keys change the view and go through days and visits", async () => {
  const { page } = admin;
  await go(admin, "view=week");
  const title = page.getByRole("heading", { level: 1 });
  const week = await title.textContent();
  await page.keyboard.press("m");
  await expect(page).toHaveURL(/view=month/);
  await expect(title).not.toHaveText(week ?? "");
  const month = await title.textContent();
  await page.keyboard.press("PageDown");
  await expect(title).not.toHaveText(month ?? "");
  await page.keyboard.press("t");
  await expect(title).toHaveText(month ?? "");
  await page.locator("[data-day][tabindex='0']").focus();
  const first = await page.evaluate(() => document.activeElement?.getAttribute("data-day"));
  await page.keyboard.press("ArrowRight");
  const second = await page.evaluate(() => document.activeElement?.getAttribute("data-day"));
  expect(Date.parse(String(second)) - Date.parse(String(first))).toBe(dayMs);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/view=day/);
  for (const [key, view] of [["a", "agenda"], ["b", "board"], ["w", "week"], ["d", "day"]] as const) {
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`view=${view}`));
  }
  // Letters that are typed are no commands, and single letters can be turned off.
  await page.getByRole("button", { name: "Фильтры" }).click();
  await page.getByLabel("Имя пациента").fill("w");
  await page.getByLabel("Имя пациента").press("m");
  await expect(page).toHaveURL(/view=day/);
  await page.getByRole("button", { name: "Клавиатура" }).click();
  await page.getByLabel("Одиночные буквы работают в календаре").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await expect(page).toHaveURL(/view=day/);
  await page.evaluate(() => localStorage.removeItem("calendar.keys"));
});

test("filters narrow every view and keep names out of the address", async () => {
  const { page } = admin;
  await book(page, "Волков", workday(20), "10:00");
  await book(page, "Белова", workday(20), "11:00");
  await go(admin, `view=agenda&date=${workday(20)}`);
  await expect(page.locator("[data-id]")).toHaveCount(2);
  await page.getByRole("button", { name: "Фильтры" }).click();
  await page.getByLabel("Имя пациента").fill("волк алек");
  await expect(page.locator("[data-id]")).toHaveCount(1);
  await expect(page.locator("[data-id]")).toContainText("Волков");
  expect(decodeURI(page.url())).not.toContain("волк");
  await page.getByLabel("Состояние").selectOption("done");
  await expect(page.getByText("Под фильтры ничего не подходит")).toBeVisible();
  await page.getByRole("button", { name: "Сбросить" }).click();
  await expect(page.locator("[data-id]")).toHaveCount(2);
  await page.getByLabel("Врач", { exact: true }).selectOption({ label: "Михаил Андреевич Орлов" });
  await expect(page.locator("[data-id]")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await go(admin, `view=month&date=${workday(20)}&service=followup&stage=planned`);
  await expect(page.locator(`[data-day="${workday(20)}"]`)).toHaveAccessibleName(/записаны 2/);
  await go(admin, `view=month&date=${workday(20)}&service=initial`);
  await expect(page.locator(`[data-day="${workday(20)}"]`)).toHaveAccessibleName(/0 записей/);
});

test("a visit shows both clocks and reads as one sentence", async () => {
  const visit = await book(doctor.page, "Волков", workday(21), "12:00");
  await go(doctor, `view=day&date=${workday(21)}`);
  const block = appointment(doctor.page, visit.id).first();
  await expect(block).toHaveAccessibleName(/^12:00 \((09|10):00 .*Волков, Повторная консультация, записан, видео/);
  await expect(doctor.page.getByText(/Europe\/Moscow.*Europe\/Lisbon/)).toBeVisible();
  await photograph(doctor.page, "calendar-two-clocks");
});

test("dragging moves a visit, and everybody sees it within two seconds", async () => {
  const day = workday(22);
  const visit = await book(doctor.page, "Кузнецова", day, "10:00");
  await go(doctor, `view=day&date=${day}`);
  await go(admin, `view=day&date=${day}`);
  const block = appointment(doctor.page, visit.id).first();
  await block.scrollIntoViewIfNeeded();
  const box = await block.boundingBox();
  if (!box) throw new Error("the visit is not drawn");
  const hour = 120;
  await doctor.page.mouse.move(box.x + 60, box.y + 10);
  await doctor.page.mouse.down();
  await doctor.page.mouse.move(box.x + 60, box.y + 30);
  await doctor.page.mouse.move(box.x + 60, box.y + 10 + hour, { steps: 4 });
  await expect(doctor.page.getByTestId("ghost")).toContainText("11:00");
  await photograph(doctor.page, "calendar-drag");
  // Escape lets go, and nothing has happened.
  await doctor.page.keyboard.press("Escape");
  await expect(doctor.page.getByTestId("ghost")).toHaveCount(0);
  await doctor.page.mouse.up();
  await expect(doctor.page.getByTestId("move")).toHaveCount(0);

  await doctor.page.mouse.move(box.x + 60, box.y + 10);
  await doctor.page.mouse.down();
  await doctor.page.mouse.move(box.x + 60, box.y + 10 + hour, { steps: 4 });
  await doctor.page.mouse.up();
  await expect(doctor.page.getByTestId("move")).toBeVisible();
  await photograph(doctor.page, "calendar-move");
  await doctor.page.getByTestId("move").click();
  const started = Date.now();
  const moved = admin.page.locator("[data-id]").filter({ hasText: "Кузнецова" });
  await expect(moved).toHaveAccessibleName(/^11:00/);
  expect(Date.now() - started, "ms until the other page shows it").toBeLessThan(2000);
  await expect(doctor.page.locator("[data-id]").filter({ hasText: "Кузнецова" })).toHaveAccessibleName(/^11:00/);
});

test("free time is marked to book it", async () => {
  await go(doctor, `view=day&date=${workday(27)}`);
  const { page } = doctor;
  const column = page.locator("[data-column]").first();
  const box = await column.boundingBox();
  if (!box) throw new Error("no column is drawn");
  // The day begins at 8 o'clock, and an hour is 120 pixels.
  await page.mouse.move(box.x + 200, box.y + 242);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 295, { steps: 4 });
  await expect(column).toContainText("10:00 – 10:30");
  await page.mouse.up();
  await expect(page.getByLabel("Время", { exact: true })).toHaveValue("10:00");
  await page.keyboard.press("Escape");
});

test("the keyboard moves a visit as well", async () => {
  const day = workday(23);
  const visit = await book(doctor.page, "Белова", day, "15:00");
  await go(doctor, `view=day&date=${day}`);
  const { page } = doctor;
  await appointment(page, visit.id).first().focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("move-visit").focus();
  await page.keyboard.press("Enter");
  await expectAccessible(page, "the move dialog");
  await page.getByLabel("Время", { exact: true }).selectOption("16:30");
  await page.getByTestId("move").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-id]").filter({ hasText: "Белова" })).toHaveAccessibleName(/^16:30/);
});

test("a move that loses the race goes back and says why", async () => {
  const day = workday(24);
  const visit = await book(doctor.page, "Волков", day, "09:00");
  await go(doctor, `view=day&date=${day}`);
  const { page } = doctor;
  await appointment(page, visit.id).first().click();
  await page.getByTestId("move-visit").click();
  await page.getByLabel("Время", { exact: true }).selectOption("10:00");
  // Another takes the time while the dialog is open.
  const list = page.waitForResponse((answer) => answer.url().includes("/appointments?"));
  await book(admin.page, "Кузнецова", day, "10:00");
  await list;
  await page.getByTestId("move").click();
  await expect(page.locator("dialog").getByText(/только что заняли/)).toBeVisible();
  await expect(appointment(page, visit.id).first()).toHaveAccessibleName(/^09:00/);
  await page.keyboard.press("Escape");
});

test("visits that changed hours no longer cover are kept and listed", async () => {
  const day = workday(25);
  const visit = await book(doctor.page, "Белова", day, "17:30");
  const { page } = doctor;
  const me = await api<{ person: { id: string } }>(page, "/me");
  const known = await api<{ version: number }>(page, `/practitioners/${me.person.id}/schedule`);
  const status = await page.evaluate(
    async ([id, version]) => {
      const rule = { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" };
      const body = { weekly: [rule], exceptions: [], stepMin: 15, bufferMin: 0, minNoticeMin: 60, horizonDays: 60, maxPerDay: 0 };
      const answer = await fetch(`/api/v1/practitioners/${id}/schedule`, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "If-Match": `"${version}"` },
        body: JSON.stringify(body),
      });
      return answer.status;
    },
    [me.person.id, known.version] as const,
  );
  expect(status).toBe(200);
  await page.goto(`${server.origin}/hours`);
  await expect(page.getByTestId("outside")).toContainText("17:30");
  await expectAccessible(page, "hours");
  await photograph(page, "hours-outside");
  await page.getByTestId("outside").getByRole("link").last().click();
  await expect(page).toHaveURL(/view=day/);
  await page.keyboard.press("Escape");
  await expect(page.locator(`[data-id="${visit.id}"]`)).toHaveAccessibleName(/вне часов приёма/);
});

test("paper gets the list and nothing else", async () => {
  const day = workday(26);
  await book(admin.page, "Кузнецова", day, "12:00");
  await go(admin, `view=day&date=${day}`);
  await expect(admin.page.getByTestId("print-list")).toBeHidden();
  await admin.page.emulateMedia({ media: "print" });
  await expect(admin.page.getByTestId("print-list")).toBeVisible();
  await expect(admin.page.getByTestId("print-list")).toContainText("Кузнецова");
  await expect(admin.page.getByRole("navigation")).toBeHidden();
  await admin.page.emulateMedia({ media: "screen" });
});
