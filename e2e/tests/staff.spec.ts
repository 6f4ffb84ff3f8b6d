import { expect, test } from "@playwright/test";
import { Person, phone } from "../lib/browser.ts";
import { api, openCalendar } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { Server } from "../lib/server.ts";

test("an administrator registers a doctor, who can be booked from then on", async () => {
  const server = await Server.start();
  const [admin, small, accountant] = await Promise.all([
    Person.open("admin"),
    Person.open("admin at a phone", { size: phone }),
    Person.open("accountant"),
  ]);
  try {
    await admin.page.goto(server.links.admin);
    await admin.page.getByRole("link", { name: "Сотрудники" }).click();
    await admin.page.getByTestId("add-member").click();
    const form = admin.page.getByRole("dialog");
    await form.getByLabel("Имя").fill("Вера Павловна Зимина");
    await form.getByLabel("Эл. почта").fill("zimina@example.org");
    await form.getByLabel(/Специальность \(русский\)/i).fill("Невролог");
    await form.getByLabel("Номер лицензии").fill("77-030303");
    for (const [part, text] of [["день", "31"], ["месяц", "12"], ["год", "2030"]] as const) {
      await form.getByRole("spinbutton", { name: new RegExp(part, "i") }).fill(text).catch(async () => {
        await form.getByRole("spinbutton", { name: new RegExp(part, "i") }).pressSequentially(text);
      });
    }
    await form.getByLabel("Повторная консультация").check();
    await photograph(admin.page, "staff-add");
    await form.getByTestId("save-member").click();
    await expect(admin.page.getByTestId("member").filter({ hasText: "Зимина" })).toContainText("приглашён");
    await photograph(admin.page, "staff");
    const doctors = await api<{ items: { name: string; serviceIds: string[] }[] }>(admin.page, "/practitioners");
    expect(doctors.items.find((one) => one.name.includes("Зимина"))?.serviceIds).toEqual(["followup"]);

    await admin.page.goto(`${server.origin}/clinic`);
    await expect(admin.page.getByTestId("save-clinic")).toBeVisible();
    await photograph(admin.page, "clinic-settings");
    await admin.page.goto(`${server.origin}/clinic/audit`);
    await expect(admin.page.getByTestId("audit-line").filter({ hasText: "регистрация сотрудника" })).toBeVisible();
    await photograph(admin.page, "audit");

    await openCalendar(small, server.links.admin);
    for (const [path, name] of [["/team", "staff-phone"], ["/clinic", "clinic-settings-phone"], ["/clinic/services", "services-phone"], ["/clinic/audit", "audit-phone"]] as const) {
      await small.page.goto(`${server.origin}${path}`);
      await expect(small.page.getByRole("navigation")).toBeVisible();
      await expect(small.page.locator("h1")).toBeVisible();
      await small.page.waitForLoadState("networkidle");
      await photograph(small.page, name);
      const wide = await small.page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${path} fits the phone`).toBeLessThanOrEqual(phone.width);
    }

    await accountant.page.goto(server.links.accountant);
    await expect(accountant.page).toHaveURL(/\/clinic/);
    await expect(accountant.page.getByRole("heading", { name: "Услуги и цены" })).toBeVisible();
  } finally {
    await Promise.all([admin, small, accountant].map((person) => person.close()));
    await server.stop();
  }
});
