import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "../lib/axe.ts";
import { Person, phone } from "../lib/browser.ts";
import { openCalendar } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { Server } from "../lib/server.ts";

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(async () => {
  await server?.stop();
});

/** Makes an address on the open page and returns it. */
async function make(page: Page): Promise<string> {
  await page.getByTestId("feeds").click();
  await page.getByTestId("feed-make").click();
  const field = page.getByTestId("feed-url");
  await expect(field).toHaveValue(/\/ical\/[^/]+\.ics$/);
  return field.inputValue();
}

test("a doctor subscribes to the own visits, and takes the address back", async () => {
  const doctor = await Person.open("doctor");
  await openCalendar(doctor, server.links.doctor);
  const { page } = doctor;
  await page.getByTestId("feeds").click();
  await page.getByRole("checkbox").check();
  await photograph(page, "feeds-doctor-names");
  await page.getByRole("checkbox").uncheck();
  await page.keyboard.press("Escape");
  const address = await make(page);
  await expectAccessible(page, "a doctor's private addresses");
  await photograph(page, "feeds-doctor");

  // The calendar program has no cookie.
  const first = await fetch(address);
  expect(first.status).toBe(200);
  const text = (await first.text()).replaceAll("\r\n ", "");
  expect(text).toContain("BEGIN:VEVENT");
  expect(text).not.toContain("Соколов");
  const tag = first.headers.get("etag") ?? "";
  expect((await fetch(address, { headers: { "If-None-Match": tag } })).status).toBe(304);

  await page.getByRole("dialog").getByRole("listitem").getByRole("button").click();
  await expect(page.getByTestId("feed-url")).toHaveCount(0);
  expect((await fetch(address)).status).toBe(410);
  expect(doctor.errors).toEqual([]);
  await doctor.close();
});

test("a patient subscribes on a phone", async () => {
  const patient = await Person.open("patient", { size: phone });
  const { page } = patient;
  await page.goto(server.links.patient);
  await expect(page.getByTestId("feeds")).toBeVisible();
  await photograph(page, "feeds-patient-home");
  const address = await make(page);
  await expectAccessible(page, "a patient's private addresses");
  await photograph(page, "feeds-patient");
  const text = (await (await fetch(address)).text()).replaceAll("\r\n ", "");
  expect(text).toContain("STATUS:CONFIRMED");
  expect(text).not.toContain("Соколов");
  expect(patient.errors).toEqual([]);
  await patient.close();
});
