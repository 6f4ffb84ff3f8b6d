import { expect, type Page, test } from "@playwright/test";
import { Person } from "../lib/browser.ts";
import { appointment, meet, openChat, visitOf } from "../lib/clinic.ts";
import { photograph } from "../lib/files.ts";
import { tell } from "../lib/report.ts";
import { Server } from "../lib/server.ts";

/** What a hostile person puts wherever words go. Each would call ran() if it ran. */
const payloads = [
  `<img src=x onerror="ran('img')">`,
  `<script>ran('script')</script>`,
  `"><svg onload="ran('svg')">`,
  `javascript:ran('url')`,
  `https://clinic.example/" onmouseover="ran('attribute')`,
  "{{constructor.constructor('ran(1)')()}}",
] as const;
const [image] = payloads;

/** Notes every script that runs although it came as somebody's words. */
async function watch(person: Person, ran: string[]): Promise<void> {
  await person.context.exposeFunction("ran", (what: string) => ran.push(`${person.name}: ${what}`));
  person.page.on("dialog", (dialog) => {
    ran.push(`${person.name}: dialog`);
    void dialog.dismiss();
  });
}

/** Nobody's words have become elements. */
async function expectOnlyWords(page: Page): Promise<void> {
  await expect(page.locator('img[src="x"], svg[onload], [onerror], [onmouseover], a[href^="javascript:"]')).toHaveCount(0);
}

test("names, words and files of a hostile person run no script", async () => {
  test.setTimeout(240_000);
  const server = await Server.start();
  const people = await Promise.all(["doctor", "patient", "admin"].map((name) => Person.open(name)));
  const [doctor, patient, admin] = people as [Person, Person, Person];
  const ran: string[] = [];
  try {
    for (const person of people) await watch(person, ran);
    await test.step("the watch sees what runs, and the policy stops what is written into a page", async () => {
      await patient.page.goto(server.links.patient);
      await patient.page.evaluate("ran('control')");
      expect(ran).toEqual(["patient: control"]);
      ran.length = 0;
      const stopped = await patient.page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "ran('inline')";
            document.body.append(script);
          }),
      );
      expect(stopped).toMatch(/^script-src/);
      await patient.page.evaluate(() => {
        document.body.insertAdjacentHTML("beforeend", `<img src="x" onerror="ran('handler')">`);
      });
      await expect.poll(() => ran).toEqual([]);
    });

    await test.step("the administrator registers a doctor with such a name", async () => {
      await admin.page.goto(server.links.admin);
      await expect(admin.page).toHaveURL(/\/(calendar|overview)/);
      const made = await admin.page.request.post(`${server.origin}/api/v1/staff`, {
        data: { role: "accountant", name: image, email: "hostile@example.org" },
      });
      expect(made.status(), await made.text()).toBe(201);
      await admin.page.goto(`${server.origin}/team`);
      await expect(admin.page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectOnlyWords(admin.page);
    });

    const visit = await meet(server, doctor, patient);
    await test.step("chat and file names", async () => {
      await openChat(patient.page);
      await openChat(doctor.page);
      for (const text of payloads) {
        await patient.page.getByTestId("chat-input").fill(text);
        await patient.page.getByTestId("chat-send").click();
        await expect(doctor.page.getByTestId("chat-message").filter({ hasText: text })).toBeVisible();
      }
      await patient.page.getByTestId("chat-file").setInputFiles({
        name: `${image}.png`,
        mimeType: "image/png",
        buffer: Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.from(`<script>ran('png')</script>`)]),
      });
      await expect(doctor.page.getByTestId("chat-file-link").first()).toBeVisible();
      for (const person of [doctor, patient]) await expectOnlyWords(person.page);
      await photograph(doctor.page, "hostile-chat");
    });

    await test.step("a guest with such a name, and a conclusion with such words", async () => {
      const invited = await doctor.page.request.post(`${server.origin}/api/v1/encounters/${visit.encounterId}/guests`, {
        data: { name: image, relation: "relative" },
      });
      expect(invited.status(), await invited.text()).toBeLessThan(300);
      const composition = `${server.origin}/api/v1/encounters/${visit.encounterId}/composition`;
      const draft = (await (await doctor.page.request.get(composition)).json()) as { version: number };
      const saved = await doctor.page.request.put(composition, {
        headers: { "If-Match": `"${draft.version}"` },
        data: {
          sections: {
            complaint: image,
            anamnesis: payloads[1],
            findings: payloads[2],
            diagnosisCode: "",
            diagnosis: payloads[3],
            plan: payloads.join("\n"),
          },
        },
      });
      expect(saved.status(), await saved.text()).toBe(200);
      await doctor.page.goto(`${server.origin}/consultation/${visit.encounterId}/conclusion`);
      await expect(doctor.page.getByText(payloads[1]).first()).toBeAttached();
      await expectOnlyWords(doctor.page);
    });

    await test.step("every page that shows them afterwards", async () => {
      const me = await visitOf(patient.page);
      const patientId = (
        (await (await doctor.page.request.get(`${server.origin}/api/v1/appointments/${me.appointmentId}`)).json()) as {
          patient: { id: string };
        }
      ).patient.id;
      for (const path of ["/calendar", "/patients", `/patients/${patientId}`, `/calendar/${me.appointmentId}`]) {
        await doctor.page.goto(`${server.origin}${path}`);
        await expect(doctor.page.getByRole("heading").first()).toBeVisible();
        await expectOnlyWords(doctor.page);
      }
      await expect(appointment(doctor.page, me.appointmentId).first()).toBeVisible();
      await patient.page.goto(`${server.origin}/visit`);
      await expect(patient.page.getByRole("heading").first()).toBeVisible();
      await expectOnlyWords(patient.page);
    });
    expect(ran, "scripts that ran").toEqual([]);
    expect(people.flatMap((person) => person.errors)).toEqual([]);
  } catch (error) {
    tell(server, people);
    throw error;
  } finally {
    await Promise.all(people.map((person) => person.close()));
    await server.stop();
  }
});
