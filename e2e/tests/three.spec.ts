import { expect, test } from "@playwright/test";
import { Person } from "../lib/browser.ts";
import { admit, meet, openChat, openVisit, say, toDeviceCheck, toWaitingRoom } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { expectFrames, expectMoving, expectSound } from "../lib/media.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

test("doctor, patient and interpreter in one consultation", async () => {
  const server = await Server.start();
  const people = await Promise.all(["doctor", "patient", "interpreter"].map((name) => Person.open(name)));
  const [doctor, patient, interpreter] = people as [Person, Person, Person];
  try {
    await meet(server, doctor, patient);
    await openVisit(interpreter, server.links.interpreter);
    await toDeviceCheck(interpreter);
    await toWaitingRoom(interpreter);
    await expect(interpreter.page.getByTestId("remote-video"), "nothing is seen from the waiting room").toHaveCount(0);
    await admit(doctor);
    await expect(interpreter.page.getByTestId("call")).toBeVisible();
    for (const person of people) {
      await expect(person.page.getByTestId("remote-video"), `${person.name} sees both others`).toHaveCount(2, {
        timeout: 20_000,
      });
    }
    for (const person of people) {
      await expectMoving(person.page, "remote-video", 0);
      await expectMoving(person.page, "remote-video", 1);
      await expectFrames(person.page, 2);
      await expectSound(person.page);
    }
    await say(interpreter, doctor, "I can hear both of you");
    await openChat(patient.page);
    await expect(patient.page.getByTestId("chat-message").filter({ hasText: "I can hear both" })).toBeVisible();
    await photograph(doctor.page, "call-of-three");

    await interpreter.page.getByTestId("leave").click();
    await expect(doctor.page.getByTestId("remote-video")).toHaveCount(1);
    await expectMoving(doctor.page, "remote-video");
    expect(people.flatMap((person) => person.errors)).toEqual([]);
  } catch (error) {
    tell(server, people);
    throw error;
  } finally {
    await Promise.all(people.map((person) => person.close()));
    await server.stop();
  }
});
