import { expect, test } from "@playwright/test";
import { Person } from "../lib/browser.ts";
import {
  admit,
  api,
  appointment,
  hand,
  messages,
  openCalendar,
  openVisit,
  say,
  toDeviceCheck,
  toWaitingRoom,
  visitOf,
} from "../lib/clinic.ts";
import { pdfText, photograph, sampleFile, sha256 } from "../lib/files.ts";
import { expectMoving, expectSeesAndHears, received } from "../lib/media.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

const diagnosis = "Острая инфекция верхних дыхательных путей";
const plan = "Обильное тёплое питьё, парацетамол при температуре выше 38,5 °C.";
const fromPatient = "Здравствуйте! Горло болит третий день.";
const fromDoctor = "Добрый день! Сейчас посмотрим. <b>не разметка</b>";

test("a consultation from the links to the signed document", async () => {
  test.setTimeout(300_000);
  const server = await Server.start();
  const [doctor, patient] = await Promise.all([Person.open("doctor"), Person.open("patient")]);
  const both = [doctor, patient];
  try {
    await test.step("the patient's link leads to the device check and the waiting room", async () => {
      await openVisit(patient, server.links.patient);
      await photograph(patient.page, "visit-home");
      await toDeviceCheck(patient);
      await expectMoving(patient.page, "local-video");
      await photograph(patient.page, "device-check");
    });
    const visit = await visitOf(patient.page);

    // The calendar stays open beside the room all the time and is never touched again.
    const calendar = await doctor.context.newPage();
    const status = (name: string) => expect(appointment(calendar, visit.appointmentId, name).first());

    await test.step("the doctor's calendar shows every appointment's state", async () => {
      await openCalendar(doctor, server.links.doctor);
      await calendar.goto(`${server.origin}/calendar`);
      await status("booked").toBeVisible();
      const shown = await doctor.page.locator("[data-id]").count();
      expect(shown, "appointments in the calendar").toBeGreaterThan(3);
      const states = await doctor.page
        .locator("[data-status]")
        .evaluateAll((all) => new Set(all.map((one) => one.getAttribute("data-status"))).size);
      expect(states, "different states in the calendar").toBeGreaterThan(2);
      await photograph(doctor.page, "calendar");
    });

    await test.step("waiting appears by itself", async () => {
      await toWaitingRoom(patient);
      await status("waiting").toBeVisible();
      await expect(appointment(doctor.page, visit.appointmentId, "waiting").first()).toBeVisible();
      await photograph(patient.page, "waiting-room");
      await photograph(doctor.page, "calendar-waiting");
    });

    await test.step("the doctor joins, sees who waits, and admits", async () => {
      await appointment(doctor.page, visit.appointmentId).first().click();
      await expect(doctor.page.getByTestId("join")).toBeVisible();
      await photograph(doctor.page, "appointment");
      await doctor.page.getByTestId("join").click();
      await expect(doctor.page.getByTestId("admit")).toBeVisible();
      await photograph(doctor.page, "admit");
      await expect(patient.page.getByTestId("remote-video"), "nothing is seen before admission").toHaveCount(0);
      await admit(doctor);
      await expect(patient.page.getByTestId("call")).toBeVisible();
      await status("in_progress").toBeVisible();
    });

    await test.step("both see and hear each other", async () => {
      await Promise.all(both.map((person) => expectSeesAndHears(person.page)));
      await photograph(doctor.page, "call-doctor");
      await photograph(patient.page, "call-patient");
    });

    await test.step("they write to each other", async () => {
      await say(patient, doctor, fromPatient);
      await say(doctor, patient, fromDoctor);
      await photograph(doctor.page, "chat");
    });

    const scan = Buffer.concat([Buffer.from("%PDF-1.4\n%снимок\n"), sampleFile()]);
    const advice = Buffer.from("Памятка пациенту\n".repeat(400));
    await test.step("files pass both ways unchanged", async () => {
      expect(sha256(await hand(patient, doctor, "снимок.pdf", "application/pdf", scan))).toBe(sha256(scan));
      expect(sha256(await hand(doctor, patient, "памятка.txt", "text/plain", advice))).toBe(sha256(advice));
    });

    await test.step("mute stops the sound, camera off takes the picture away, both come back", async () => {
      await doctor.page.getByTestId("mute-audio").click();
      await expect
        .poll(() => stillSilent(patient), { message: "no sound of a muted doctor arrives", timeout: 15_000 })
        .toBe(true);
      await photograph(patient.page, "doctor-muted");
      await doctor.page.getByTestId("mute-audio").click();
      await expect.poll(() => stillSilent(patient), { message: "sound is back", timeout: 15_000 }).toBe(false);

      await patient.page.getByTestId("mute-video").click();
      await expect(doctor.page.getByTestId("remote-video")).toHaveCount(0);
      await photograph(doctor.page, "patient-camera-off");
      await patient.page.getByTestId("mute-video").click();
      await expect(doctor.page.getByTestId("remote-video")).toHaveCount(1);
      await expectMoving(doctor.page, "remote-video");
    });

    await test.step("the doctor shares the screen", async () => {
      await doctor.page.getByTestId("share-screen").click();
      const screen = patient.page.getByTestId("remote-screen");
      await expect(screen).toBeVisible();
      await expect
        .poll(() => screen.evaluate((video: HTMLVideoElement) => video.videoWidth), { message: "the screen's picture arrives" })
        .toBeGreaterThan(0);
      await photograph(patient.page, "screen-share");
      await doctor.page.getByTestId("share-screen").click();
      await expect(screen).toHaveCount(0);
      await expectMoving(patient.page, "remote-video");
    });

    await test.step("a reload leads back into the call", async () => {
      await patient.page.reload();
      await expect(patient.page.getByTestId("call")).toBeVisible();
      await Promise.all(both.map((person) => expectSeesAndHears(person.page)));
      await status("in_progress").toBeVisible();
    });

    await test.step("who leaves can come back", async () => {
      await patient.page.getByTestId("leave").click();
      await expect(doctor.page.getByTestId("remote-video")).toHaveCount(0);
      await photograph(patient.page, "left");
      await patient.page.getByTestId("join").click();
      await Promise.all(both.map((person) => expectSeesAndHears(person.page)));
    });

    await test.step("the doctor finishes and gets a prefilled conclusion", async () => {
      await doctor.page.getByTestId("finish").click();
      await expect(doctor.page.getByRole("dialog")).toBeVisible();
      await photograph(doctor.page, "finish");
      await doctor.page.getByRole("dialog").getByTestId("finish").click();
      await expect(doctor.page).toHaveURL(/\/conclusion$/);
      await status("documenting").toBeVisible();
      await expect(patient.page.getByTestId("conclusion")).toBeVisible();
      await photograph(patient.page, "after");
      await expect(doctor.page.locator("#section-complaint")).not.toHaveValue("");
      await expect(doctor.page.locator("#section-anamnesis")).not.toHaveValue("");
      await photograph(doctor.page, "conclusion-prefilled");
    });

    await test.step("an incomplete conclusion cannot be signed", async () => {
      await doctor.page.locator("#section-diagnosis").fill("");
      await doctor.page.getByTestId("sign").click();
      await expect(doctor.page.getByTestId("signed")).toHaveCount(0);
    });

    let pdfLink = "";
    await test.step("signed, its PDF is with the patient within five seconds", async () => {
      await doctor.page.locator("#section-findings").fill("Зев гиперемирован, налётов нет.");
      await doctor.page.locator("#section-diagnosisCode").fill("J06.9");
      await doctor.page.locator("#section-diagnosis").fill(diagnosis);
      await doctor.page.locator("#section-plan").fill(plan);
      await photograph(doctor.page, "conclusion");
      await doctor.page.getByTestId("sign").click();
      const paper = patient.page.locator('[data-testid="document"][data-kind="conclusion"]').first();
      await expect(paper).toBeVisible({ timeout: 5_000 });
      await expect(doctor.page.getByTestId("signed")).toBeVisible();
      await status("completed").toBeVisible();
      await photograph(doctor.page, "signed");
      await photograph(patient.page, "conclusion-ready");
      pdfLink = (await paper.getAttribute("href")) ?? "";
    });

    const pdf = await test.step("the patient opens it and reads it", async () => {
      const opened = patient.context.waitForEvent("page");
      await patient.page.locator('[data-testid="document"][data-kind="conclusion"]').first().click();
      await (await opened).close();
      const file = await download(patient, pdfLink);
      const text = pdfText(file).replace(/\s+/g, " ");
      for (const part of [diagnosis, plan, "J06.9", "Соколов", "Морозова", "Меридиан", "1 / 1"]) {
        expect(text.replace(/(\d) ?\/ ?(\d)/g, "$1 / $2"), "the PDF's text").toContain(part);
      }
      return file;
    });

    await test.step("everything is in the card", async () => {
      const me = await api<{ person: { id: string } }>(patient.page, "/me");
      const card = await api<{ documents: { kind: string; title: string; sha256: string }[] }>(
        patient.page,
        `/patients/${me.person.id}/card`,
      );
      const hashes = card.documents.map((one) => one.sha256);
      expect(hashes).toContain(sha256(pdf));
      expect(hashes).toContain(sha256(scan));
      expect(hashes).toContain(sha256(advice));
    });

    await test.step("the guest's link has ended with the consultation", async () => {
      const stranger = await doctor.context.browser()?.newContext({ locale: "ru-RU" });
      const page = await stranger?.newPage();
      if (!page) throw new Error("no browser");
      await page.goto(server.links.interpreter);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByTestId("join")).toHaveCount(0);
      await photograph(page, "ended-link");
      await stranger?.close();
    });

    await test.step("a killed server has forgotten nothing", async () => {
      const before = await messages(patient.page, visit.encounterId);
      await server.kill();
      await server.run();
      await patient.page.goto(`${server.origin}/visit`);
      await expect(patient.page.locator('[data-testid="document"][data-kind="conclusion"]').first()).toBeVisible();
      await photograph(patient.page, "documents");
      expect(sha256(await download(patient, pdfLink))).toBe(sha256(pdf));
      expect(await messages(patient.page, visit.encounterId)).toEqual(before);
      expect(before.map((one) => one.text)).toEqual(expect.arrayContaining([fromPatient, fromDoctor]));
      await calendar.reload();
      await status("completed").toBeVisible();
    });

    expect(both.flatMap((person) => person.errors)).toEqual([]);
  } catch (error) {
    tell(server, both);
    throw error;
  } finally {
    await Promise.all(both.map((person) => person.close()));
    await server.stop();
  }
});

/** Whether no sound at all has arrived for one and a half seconds. */
async function stillSilent(person: Person): Promise<boolean> {
  const before = await received(person.page);
  await person.page.waitForTimeout(1_500);
  const after = await received(person.page);
  return after.audioPackets - before.audioPackets < 5;
}

async function download(person: Person, link: string): Promise<Buffer> {
  const answer = await person.page.request.get(new URL(link, person.page.url()).href);
  expect(answer.status()).toBe(200);
  return answer.body();
}
