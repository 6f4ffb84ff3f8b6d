import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { Person } from "../lib/browser.ts";
import { api, hand, meet, say } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";
import { found, inFiles, kept, shown, Traffic } from "../lib/traces.ts";

/** Words that occur nowhere else: who finds one has found somebody's data. */
const spoken = "квазибеседа-7f3a91";
const fileName = "снимок-лямбда-5c20.txt";
const fileText = "содержимое-сигма-8812";
const finding = "осмотр-тета-44d0";
const diagnosis = "диагноз-омега-19be";
const plan = "назначение-каппа-e603";
const medical = [spoken, fileName, fileText, finding, diagnosis, plan];

const wipeMs = 1_000;

/** Milliseconds after which a page holds none of the words. */
async function wiped(page: Page, words: readonly string[], from: number): Promise<number> {
  await expect.poll(async () => found(await shown(page), words), { intervals: [50], timeout: 10_000 }).toEqual([]);
  return Date.now() - from;
}

test("what is personal is there while the consultation is open, and nowhere else", async () => {
  test.setTimeout(240_000);
  const server = await Server.start();
  const [doctor, patient] = await Promise.all([Person.open("doctor"), Person.open("patient")]);
  const both = [doctor, patient];
  const traffic = both.map((person) => new Traffic(person));
  const secrets = Object.values(server.links).map((link) => new URL(link).hash.slice(1));
  try {
    const visit = await meet(server, doctor, patient);
    const me = await api<{ person: { id: string; name: string } }>(patient.page, "/me");
    const personal = [...medical, me.person.name];
    await say(patient, doctor, spoken);
    await hand(patient, doctor, fileName, "text/plain", Buffer.from(`${fileText}\n`.repeat(50)));

    const card = await doctor.context.newPage();
    const room = await doctor.context.newPage();
    await test.step("a second and a third tab of the doctor's show the card and the chat", async () => {
      await card.goto(`${server.origin}/patients/${me.person.id}`);
      await expect(card.getByText(fileName)).toBeVisible();
      await photograph(card, "card-open");
      await doctor.page.getByTestId("finish").click();
      await doctor.page.getByRole("dialog").getByTestId("finish").click();
      await expect(doctor.page).toHaveURL(/\/conclusion$/);
      await room.goto(doctor.page.url());
      await doctor.page.locator("#section-findings").fill(finding);
      await doctor.page.locator("#section-diagnosisCode").fill("J06.9");
      await doctor.page.locator("#section-diagnosis").fill(diagnosis);
      await doctor.page.locator("#section-plan").fill(plan);
      expect(found(await shown(doctor.page), [finding, diagnosis, plan]), "the search sees what is shown").toHaveLength(3);
      expect(found(await shown(card), [me.person.name, fileName])).toHaveLength(2);
    });

    await test.step("signing closes it in every tab within a second", async () => {
      const answered = doctor.page.waitForResponse((one) => one.url().endsWith("/sign") && one.ok());
      await doctor.page.getByTestId("sign").click();
      await answered;
      const from = Date.now();
      const took = await Promise.all([
        wiped(card, personal, from),
        wiped(doctor.page, medical, from),
        wiped(room, medical, from),
      ]);
      expect(Math.max(...took), `wiped after ${took} ms`).toBeLessThan(wipeMs);
      await photograph(card, "card-closed");
    });

    await test.step("the server refuses all of it to the doctor", async () => {
      for (const path of [
        `/patients/${me.person.id}/card`,
        `/encounters/${visit.encounterId}/messages`,
        `/encounters/${visit.encounterId}/composition`,
      ]) {
        const answer = await doctor.page.request.get(`${server.origin}/api/v1${path}`);
        const text = await answer.text();
        expect(found(text, medical), `${path}: ${answer.status()}`).toEqual([]);
      }
      expect((await doctor.page.request.get(`${server.origin}/api/v1/patients/${me.person.id}/card`)).status()).toBe(403);
    });

    await test.step("going back shows nothing again", async () => {
      for (const page of [card, doctor.page, room]) {
        await page.goBack();
        await page.goForward();
        await expect.poll(async () => found(await shown(page), medical)).toEqual([]);
      }
    });

    await test.step("browsers keep nothing", async () => {
      for (const page of [doctor.page, patient.page, card, room]) {
        expect(found(await kept(page), [...personal, ...secrets])).toEqual([]);
      }
      for (const one of traffic) {
        expect(one.addresses.length).toBeGreaterThan(20);
        const addresses = one.addresses.map((url) => decodeURIComponent(url)).join("\n");
        expect(found(addresses, [...personal, ...secrets])).toEqual([]);
        expect(one.keepable).toEqual([]);
      }
    });

    await test.step("neither log nor metrics nor files on the disk hold any of it", async () => {
      const metrics = await (await fetch(`${server.origin}/metrics`)).text();
      expect(metrics).toContain("consilium_");
      expect(found(metrics, [...personal, ...secrets, visit.encounterId, me.person.id])).toEqual([]);
      expect(server.logged).toContain("listening");
      expect(found(server.logged, [...personal, ...secrets])).toEqual([]);
      // The demonstration's letters are what a mail server would have.
      const data = join(server.data, "data");
      const open = "открытое-мю-11";
      writeFileSync(join(data, "control.txt"), open);
      expect(inFiles(data, [open]), "the search sees what lies open").toEqual([`control.txt: ${open}`]);
      rmSync(join(data, "control.txt"));
      expect(inFiles(data, [...personal, ...secrets], ["messages"])).toEqual([]);
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
