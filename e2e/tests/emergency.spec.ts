import { expect, test } from "@playwright/test";
import { Person, phone } from "../lib/browser.ts";
import { openCalendar } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { expectMoving } from "../lib/media.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

test("three doctors are offered a call, one takes it, and both are in the room", async () => {
  test.setTimeout(300_000);
  const server = await Server.start();
  const patient = await Person.open("patient", { size: phone });
  const doctor = await Person.open("doctor");
  const others = [await doctor.also("doctor2"), await doctor.also("doctor3")];
  const everyone = [doctor, ...others];
  try {
    await test.step("three doctors go on duty, with the sound armed by the press", async () => {
      const links = [server.links.doctor, server.links.doctor2, server.links.doctor3];
      for (const [index, one] of everyone.entries()) {
        await openCalendar(one, links[index] ?? "");
        await one.page.getByTestId("duty").click();
        if (index === 0) await photograph(one.page, "duty");
        await one.page.getByTestId("duty-set").click();
        await expect(one.page.getByTestId("duty")).toHaveAttribute("data-on", "true");
      }
    });

    await test.step("the patient asks from a phone; danger shows whom to call", async () => {
      await patient.page.goto(server.links.patient2);
      await photograph(patient.page, "help-home");
      await patient.page.getByTestId("help-open").click();
      await expect(patient.page.getByTestId("emergency-number")).toContainText("103");
      await patient.page.getByTestId("flag-chest").check();
      await expect(patient.page.getByTestId("call-now")).toBeVisible();
      await photograph(patient.page, "help-questions");
      await patient.page.getByTestId("help-next").click();
      await patient.page.getByTestId("help-reason").fill("Pressure in the chest for an hour");
      await photograph(patient.page, "help-reason");
      await patient.page.getByTestId("help-send").click();
      await expect(patient.page.getByTestId("help-waiting")).toBeVisible();
      await expect(patient.page.getByTestId("emergency-number")).toBeVisible();
    });

    await test.step("all three are offered it, and one accepts", async () => {
      for (const one of everyone) await expect(one.page.getByTestId("offer")).toBeVisible();
      await photograph(patient.page, "help-waiting");
      await photograph(doctor.page, "offer");
      await others[0]?.page.setViewportSize(phone);
      if (others[0]) await photograph(others[0].page, "offer-phone");
      await doctor.page.getByTestId("offer-accept").click();
      for (const one of others) await expect(one.page.getByTestId("offer")).toBeHidden();
    });

    await test.step("both are in the room without a waiting room, with media flowing", async () => {
      await expect(doctor.page.getByTestId("call")).toBeVisible();
      await expect(patient.page.getByTestId("call")).toBeVisible();
      await expectMoving(doctor.page, "remote-video");
      await expectMoving(patient.page, "remote-video");
      await photograph(doctor.page, "help-call");
    });
    expect([patient, ...everyone].flatMap((person) => person.errors)).toEqual([]);
  } catch (error) {
    tell(server, [patient, ...everyone]);
    throw error;
  } finally {
    await Promise.all([patient.close(), doctor.close()]);
    await server.stop();
  }
});

test("nobody is on duty: the desk sees who waits and assigns a doctor", async () => {
  test.setTimeout(240_000);
  const server = await Server.start();
  const patient = await Person.open("patient", { size: phone });
  const admin = await Person.open("admin");
  const doctor = await admin.also("doctor");
  try {
    await openCalendar(doctor, server.links.doctor);
    await patient.page.goto(server.links.patient2);
    await patient.page.getByTestId("help-open").click();
    await patient.page.getByTestId("help-next").click();
    await patient.page.getByTestId("help-send").click();
    await expect(patient.page.getByTestId("help-waiting")).toBeVisible();
    await openCalendar(admin, server.links.admin);
    await admin.page.goto(`${server.origin}/emergencies`);
    await expect(admin.page.getByTestId("queued")).toBeVisible();
    await photograph(admin.page, "emergencies");
    await admin.page.setViewportSize(phone);
    await photograph(admin.page, "emergencies-phone");
    await admin.page.getByTestId("assign").click();
    await admin.page.getByLabel("Врач", { exact: true }).selectOption({ label: "Анна Сергеевна Морозова, Терапевт" });
    await admin.page.getByTestId("desk-send").click();
    await expect(doctor.page.getByTestId("offer")).toBeVisible();
    await doctor.page.getByTestId("offer-decline").click();
    await expect(doctor.page.getByTestId("offer")).toBeHidden();
    await patient.page.getByTestId("help-withdraw").click();
    await expect(patient.page.getByTestId("help-over")).toHaveAttribute("data-status", "withdrawn");
    await expect(admin.page.getByTestId("queued")).toHaveCount(0);
    expect([patient, admin, doctor].flatMap((person) => person.errors)).toEqual([]);
  } catch (error) {
    tell(server, [patient, admin, doctor]);
    throw error;
  } finally {
    await Promise.all([patient.close(), admin.close()]);
    await server.stop();
  }
});
