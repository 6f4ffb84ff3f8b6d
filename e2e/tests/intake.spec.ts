import { expect, test } from "@playwright/test";
import { Person, phone } from "../lib/browser.ts";
import { admit, api, joinFromCalendar, openCalendar, toDeviceCheck, toWaitingRoom, visitOf } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { Server } from "../lib/server.ts";

interface Intake {
  complaint: string;
  answers: { question: string; values: string[] }[];
  files: { name: string }[];
  submittedAt?: string;
}

test("questions of the clinic, answered on a phone without a line in between, read beside the video", async () => {
  const server = await Server.start();
  const [admin, patient, doctor] = await Promise.all([
    Person.open("admin"),
    Person.open("patient", { size: phone }),
    Person.open("doctor"),
  ]);
  for (const { page } of [admin, patient, doctor]) page.setDefaultTimeout(20_000);
  try {
    // The clinic asks: one question of several kinds.
    await openCalendar(admin, server.links.admin);
    await admin.page.goto(`${server.origin}/clinic/services`);
    const service = admin.page.getByRole("listitem").filter({ hasText: "Первичная консультация" });
    await service.getByTestId("questions-of").click();
    await expect(admin.page.getByText("Вопросов пока нет")).toBeVisible();
    const ask = async (label: string, kind: string, required: boolean) => {
      await admin.page.getByTestId("add-question").click();
      const card = admin.page.getByTestId("question").last();
      await card.getByLabel("Вопрос", { exact: true }).fill(label);
      await card.getByLabel("Ответ", { exact: true }).selectOption(kind);
      if (required) await card.getByLabel("Обязательно ответить").check();
      return card;
    };
    const fever = await ask("Температура тела", "number", true);
    await fever.getByLabel(/^Единица/).fill("°C");
    await fever.getByLabel("От", { exact: true }).fill("30");
    await fever.getByLabel("До", { exact: true }).fill("45");
    const where = await ask("Где болит?", "several_of", false);
    await where.getByRole("textbox", { name: "Вариант 1" }).fill("Горло");
    await where.getByRole("textbox", { name: "Вариант 2" }).fill("Голова");
    await ask("Курите?", "yes_no", true);
    await ask("", "text", false);
    await admin.page.getByTestId("publish").click();
    await expect(admin.page.getByText("В 1 месте нужны слова")).toBeVisible();
    await photograph(admin.page, "questions-edit");
    await admin.page.getByTestId("question").last().getByRole("button", { name: /Убрать вопрос/ }).click();
    await admin.page.getByTestId("publish").click();
    await expect(admin.page.getByText("Версия 1", { exact: false })).toBeVisible();
    const wide = await admin.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);

    // The patient answers on a phone of 360 pixels.
    await patient.page.goto(server.links.patient);
    await expect(patient.page.getByTestId("intake-open")).toBeVisible();
    await photograph(patient.page, "intake-home");
    const visit = await visitOf(patient.page);
    await patient.page.getByTestId("intake-open").first().click();
    await expect(patient.page.getByRole("heading", { level: 1 })).toHaveText("Перед приёмом");
    await expect(patient.page.getByLabel("Аллергии")).toHaveValue(/пенициллин/);
    await patient.page.getByLabel("Своими словами").fill("Горло болит третий день");
    await patient.page.getByLabel("Горло").check();
    await expect(patient.page.locator("[data-phase=saved]")).toBeVisible();

    // The line goes; what is written meanwhile waits.
    await patient.context.setOffline(true);
    await patient.page.getByRole("radio", { name: "Нет" }).check();
    await patient.page.getByLabel("Аллергии").fill("пенициллин (сыпь), орехи");
    await expect(patient.page.locator("[data-phase=offline]")).toBeVisible();
    await patient.page.locator("[data-phase=offline]").scrollIntoViewIfNeeded();
    await photograph(patient.page, "intake-offline");
    await patient.context.setOffline(false);
    await expect(patient.page.locator("[data-phase=saved]")).toBeVisible();

    // Another day, another page: it goes on where it was.
    await patient.page.reload();
    await patient.page.getByTestId("intake-open").first().click();
    await expect(patient.page.getByLabel("Своими словами")).toHaveValue("Горло болит третий день");
    await expect(patient.page.getByRole("radio", { name: "Нет" })).toBeChecked();
    await expect(patient.page.getByLabel("Горло")).toBeChecked();
    await patient.page.getByTestId("intake-picker").setInputFiles({
      name: "анализ крови.txt", mimeType: "text/plain", buffer: Buffer.from("Лейкоциты 6,2"),
    });
    await expect(patient.page.getByTestId("intake-file")).toContainText("анализ крови");
    await patient.page.getByTestId("intake-submit").click();
    await expect(patient.page.getByText("Число от 30 до 45").or(patient.page.getByText("Ответьте, пожалуйста, на этот вопрос"))).toBeVisible();
    await photograph(patient.page, "intake-missing");
    await patient.page.getByLabel(/^Температура тела/).fill("37,4");
    await photograph(patient.page, "intake-filled");
    const spread = await patient.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(spread, "the page fits a phone").toBeLessThanOrEqual(0);
    await patient.page.getByTestId("intake-submit").click();
    await expect(patient.page.getByTestId("intake-done")).toBeVisible();
    await photograph(patient.page, "intake-done");
    const told = await api<Intake>(patient.page, `/appointments/${visit.appointmentId}/intake`);
    expect(told.submittedAt).toBeTruthy();
    expect(told.answers).toHaveLength(3);
    expect(told.files).toHaveLength(1);
    await patient.page.getByRole("button", { name: "На мою страницу" }).click();

    // The doctor sees that it is filled in, and nothing of it yet.
    await openCalendar(doctor, server.links.doctor);
    await doctor.page.goto(`${server.origin}/calendar/${visit.appointmentId}`);
    await expect(doctor.page.getByTestId("intake-mark")).toContainText("заполнено");
    await photograph(doctor.page, "intake-panel-before");
    const early = await doctor.page.request.get(`${server.origin}/api/v1/appointments/${visit.appointmentId}/intake`);
    expect(early.status()).toBe(403);

    // They meet; it stands beside the video.
    await toDeviceCheck(patient);
    await toWaitingRoom(patient);
    await doctor.page.goto(`${server.origin}/calendar`);
    await joinFromCalendar(doctor, visit.appointmentId);
    await admit(doctor);
    await doctor.page.getByRole("button", { name: "О приёме" }).or(doctor.page.locator("header button[aria-expanded]")).first().click();
    const panel = doctor.page.getByTestId("intake-panel");
    await expect(panel).toContainText("Горло болит третий день");
    await expect(panel).toContainText("37.4 °C");
    await expect(panel).toContainText("анализ крови");
    await panel.getByRole("button", { name: "Внести в карту" }).click();
    await expect(panel.getByText("Внесено в карту")).toBeVisible();
    await panel.getByTestId("intake-take").click();
    await expect(doctor.page.getByText("Перенесено в черновик").first()).toBeVisible();
    await photograph(doctor.page, "intake-beside-video");
    const note = await api<{ sections: { complaint: string; anamnesis: string } }>(doctor.page, `/encounters/${visit.encounterId}/composition`);
    expect(note.sections.complaint).toContain("Горло болит третий день");
    expect(note.sections.anamnesis).toContain("Температура тела: 37.4 °C");

    // The end, the signature: it is closed to the doctor, and not to the patient.
    const post = (path: string, headers = {}) => doctor.page.request.post(`${server.origin}/api/v1${path}`, { headers: { Origin: server.origin, ...headers } });
    expect((await post(`/encounters/${visit.encounterId}/finish`)).status()).toBe(200);
    await expect(doctor.page).toHaveURL(/conclusion/);
    await doctor.page.locator("details summary").click();
    await expect(doctor.page.getByTestId("intake-panel")).toContainText("Горло болит третий день");
    await photograph(doctor.page, "intake-conclusion");
    await doctor.page.locator("#section-diagnosis").fill("ОРВИ");
    await doctor.page.locator("#section-plan").fill("Покой, питьё");
    await doctor.page.getByTestId("sign").click();
    await expect(doctor.page.getByTestId("signed")).toBeVisible();
    const late = await doctor.page.request.get(`${server.origin}/api/v1/appointments/${visit.appointmentId}/intake`);
    expect(late.status()).toBe(403);
    await doctor.page.goto(`${server.origin}/calendar/${visit.appointmentId}`);
    await expect(doctor.page.getByText("Горло болит третий день")).toHaveCount(0);
    const kept = await api<Intake>(patient.page, `/appointments/${visit.appointmentId}/intake`);
    expect(kept.complaint).toBe("Горло болит третий день");
    expect([...admin.errors, ...patient.errors, ...doctor.errors]).toEqual([]);
  } finally {
    await Promise.all([admin, patient, doctor].map((person) => person.close()));
    await server.stop();
  }
});

test("what is to be agreed to before joining is named, and one way leads to it", async () => {
  const server = await Server.start();
  const patient = await Person.open("patient", { size: phone });
  try {
    await patient.page.goto(server.links.patient);
    await expect(patient.page.getByTestId("join")).toBeVisible();
    const answer = await patient.page.request.post(`${server.origin}/api/v1/me/consents`, {
      headers: { Origin: server.origin },
      data: { answers: [{ id: "contract", version: "1", given: false }] },
    });
    expect(answer.status()).toBe(200);
    await patient.page.reload();
    const way = patient.page.getByTestId("agree-first");
    await expect(way).toBeVisible();
    await expect(patient.page.getByText(/Чтобы войти, сначала прочитайте и подтвердите: .*[Дд]оговор/)).toBeVisible();
    await photograph(patient.page, "intake-agree-home");
    await way.click();
    await patient.page.getByTestId("agree").first().check();
    await photograph(patient.page, "intake-agree");
    await patient.page.getByTestId("renew-send").click();
    await expect(patient.page.getByTestId("renew")).toHaveCount(0);
    await patient.page.getByTestId("intake-later").click();
    await expect(patient.page.getByTestId("join")).toBeVisible();
    // The contract has become a document by itself.
    await expect(patient.page.locator('[data-testid="document"][data-kind="contract"]')).toBeVisible();
    await photograph(patient.page, "intake-papers");

    await patient.page.getByTestId("my-data").click();
    const sms = patient.page.getByRole("radio", { name: /СМС/ });
    await expect(patient.page.getByText("Как вам писать").first()).toBeVisible();
    await sms.scrollIntoViewIfNeeded();
    await photograph(patient.page, "contact");
    expect(patient.errors).toEqual([]);
  } finally {
    await patient.close();
    await server.stop();
  }
});
