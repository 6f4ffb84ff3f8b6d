import { expect, test } from "@playwright/test";
import { Person, phone } from "../lib/browser.ts";
import { api, openCalendar } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { Server } from "../lib/server.ts";

/** A picture as a clinic would choose, drawn by the browser. */
async function drawn(person: Person): Promise<Buffer> {
  const url = await person.page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 96;
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.fillStyle = "#b3261e";
    pen.arc(48, 48, 46, 0, 7);
    pen.fill();
    pen.fillStyle = "#fff";
    pen.fillRect(40, 20, 16, 56);
    pen.fillRect(20, 40, 56, 16);
    return canvas.toDataURL("image/png");
  });
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

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
    await admin.page.getByLabel("Телефон для пациентов").fill("+7 495 000-00-99");
    await admin.page.getByTestId("logo-file").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: await drawn(admin) });
    const mark = admin.page.locator('header img[src*="/logo?v="]').first();
    await expect(mark).toBeVisible();
    expect(await mark.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(96);
    await photograph(admin.page, "clinic-settings");
    await admin.page.getByTestId("save-clinic").click();
    await expect(admin.page.getByText("Сохранено").first(), "the picture took nothing of the form").toBeVisible();
    const saved = await api<{ phone: string; logo: string }>(admin.page, "/clinic");
    expect(saved.phone).toBe("+7 495 000-00-99");
    expect(saved.logo).toContain("/logo?v=");
    await admin.page.getByTestId("logo-file").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await expect(admin.page.getByRole("alert").or(admin.page.getByRole("status")).filter({ hasText: /./ }).first()).toBeVisible();
    await admin.page.goto(`${server.origin}/clinic/audit`);
    await expect(admin.page.getByTestId("audit-line").filter({ hasText: "регистрация сотрудника" })).toBeVisible();
    await photograph(admin.page, "audit");
    await admin.page.getByTestId("audit-line").getByRole("button", { name: "Зимина" }).first().click();
    await expect(admin.page.getByText(/Только это: .*Зимина/)).toBeVisible();
    await expect(admin.page.getByTestId("audit-line").filter({ hasText: "Зимина" }).first()).toBeVisible();
    await expect(admin.page.getByTestId("audit-line").filter({ hasNotText: "Зимина" })).toHaveCount(0);
    await photograph(admin.page, "audit-one");

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
