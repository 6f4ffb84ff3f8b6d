import { expect, type Page, test } from "@playwright/test";
import { desktop, Person, phone } from "../lib/browser.ts";
import { api, openCalendar, visitOf } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { Server } from "../lib/server.ts";

let server: Server;
let person: Person;

test.beforeAll(async () => {
  server = await Server.start();
  person = await Person.open("somebody");
});

test.afterAll(async () => {
  await person?.close();
  await server?.stop();
});

test.beforeEach(() => person.context.clearCookies());

/** One message in the middle: says what is wrong, offers no dead end, names no secret. */
async function expectExplained(page: Page, name: string): Promise<void> {
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toBeVisible();
  await expect(heading).not.toBeEmpty();
  expect(new URL(page.url()).hash).toBe("");
  await photograph(page, name);
}

for (const [door, path] of [
  ["staff", "/demo"],
  ["patient", "/visit"],
  ["guest", "/guest"],
] as const) {
  test(`a wrong ${door} link is explained`, async () => {
    await person.page.goto(`${server.origin}${path}#not-a-token`);
    await expectExplained(person.page, `wrong-link-${door}`);
    await expect(person.page.getByRole("alert")).toBeVisible();
    expect((await person.page.request.get(`${server.origin}/api/v1/me`)).status()).toBe(401);
  });
}

test("no link at all is explained", async () => {
  await person.page.goto(`${server.origin}/visit`);
  await expectExplained(person.page, "no-link");
  await person.page.goto(`${server.origin}/calendar`);
  await expectExplained(person.page, "signed-out");
});

test("a patient has no way into the staff's pages", async () => {
  await person.page.goto(server.links.patient);
  await expect(person.page.getByTestId("join")).toBeVisible();
  const patients = await person.page.request.get(`${server.origin}/api/v1/patients`);
  expect(patients.status()).toBe(403);
  await person.page.goto(`${server.origin}/calendar`);
  await expect(person.page).not.toHaveURL(/\/calendar/);
  await expect(person.page.getByTestId("join")).toBeVisible();
});

test("a doctor sees nothing of a colleague's consultation", async () => {
  // The page may be open from the test before: a link that differs in its fragment only
  // would not load it anew.
  await person.page.goto("about:blank");
  await person.page.goto(server.links.patient);
  await expect(person.page.getByTestId("join")).toBeVisible();
  const visit = await visitOf(person.page);
  const me = await api<{ person: { id: string } }>(person.page, "/me");
  await person.context.clearCookies();
  await openCalendar(person, server.links.doctor2);
  for (const path of [`/encounters/${visit.encounterId}`, `/patients/${me.person.id}/card`]) {
    const answer = await person.page.request.get(`${server.origin}/api/v1${path}`);
    expect([403, 404], `${path}: ${answer.status()}`).toContain(answer.status());
  }
  const join = await person.page.request.post(`${server.origin}/api/v1/encounters/${visit.encounterId}/join`);
  expect([403, 404]).toContain(join.status());
  await person.page.goto(`${server.origin}/consultation/${visit.encounterId}`);
  await expectExplained(person.page, "foreign-consultation");
  await person.page.goto(`${server.origin}/patients/${me.person.id}`);
  await expectExplained(person.page, "foreign-card");
});

test("the pages of the clinic at both sizes", async () => {
  await openCalendar(person, server.links.admin);
  for (const page of ["calendar", "calendar?view=agenda", "calendar?view=board", "overview", "team", "patients"]) {
    await person.page.goto(`${server.origin}/${page}`);
    await expect(person.page.getByRole("heading", { level: 1 })).toBeVisible();
    for (const size of [desktop, phone]) {
      await person.page.setViewportSize(size);
      const wide = await person.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, `${page} at ${size.width} scrolls sideways by`).toBeLessThanOrEqual(0);
    }
    await person.page.setViewportSize(desktop);
    await photograph(person.page, `admin-${page.replace(/\W+/g, "-")}`);
  }
  expect(person.errors).toEqual([]);
});
