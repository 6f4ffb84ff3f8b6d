import { expect, test } from "@playwright/test";
import { Person } from "../lib/browser.ts";
import { meet } from "../lib/clinic.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

const joins = 10;

test("time from the click to the first remote frame", async () => {
  const server = await Server.start();
  const [doctor, patient] = await Promise.all([Person.open("doctor"), Person.open("patient")]);
  const times: number[] = [];
  try {
    await meet(server, doctor, patient);
    await expect(patient.page.getByTestId("remote-video").first()).toBeVisible();
    for (let at = 0; at < joins; at++) {
      await patient.page.getByTestId("leave").click();
      await expect(patient.page.getByTestId("join")).toBeVisible();
      await expect(doctor.page.getByTestId("remote-video")).toHaveCount(0);
      times.push(await clickToFrame(patient));
    }
    times.sort((a, b) => a - b);
    const median = ((times[joins / 2 - 1] ?? 0) + (times[joins / 2] ?? 0)) / 2;
    const text = `first remote frame after the click: median ${median.toFixed(0)} ms of ${joins} joins (${times.map((ms) => ms.toFixed(0)).join(", ")})`;
    test.info().annotations.push({ type: "measured", description: text });
    console.log(text);
  } catch (error) {
    tell(server, [doctor, patient]);
    throw error;
  } finally {
    await Promise.all([doctor.close(), patient.close()]);
    await server.stop();
  }
});

/** Clicks inside the page, and takes the time there until a remote picture has its first frame. */
function clickToFrame(person: Person): Promise<number> {
  return person.page.evaluate(
    () =>
      new Promise<number>((done, fail) => {
        const started = performance.now();
        const look = () => {
          const video = document.querySelector<HTMLVideoElement>('video[data-testid="remote-video"]');
          if (video) video.requestVideoFrameCallback((now) => done(now - started));
          else if (performance.now() - started > 20_000) fail(new Error("no remote picture within 20 s"));
          else requestAnimationFrame(look);
        };
        document.querySelector<HTMLElement>('[data-testid="join"]')?.click();
        look();
      }),
  );
}
