import { expect, type Page } from "@playwright/test";
import type { Person } from "./browser.ts";
import { bytesOf } from "./files.ts";
import { expectMoving } from "./media.ts";
import type { Server } from "./server.ts";

export interface Visit {
  appointmentId: string;
  encounterId: string;
}

/** Asks the server from inside the page, by its session and its network. */
export async function api<T>(page: Page, path: string): Promise<T> {
  const { status, body } = await page.evaluate(async (url) => {
    const answer = await fetch(url);
    return { status: answer.status, body: await answer.json() };
  }, `/api/v1${path}`);
  expect(status, `GET ${path}`).toBe(200);
  return body as T;
}

export interface Message {
  seq: number;
  text: string;
  senderRole: string;
  file?: { id: string; name: string; size: number };
}

export async function messages(page: Page, encounterId: string): Promise<Message[]> {
  const list = await api<{ items: Message[] }>(page, `/encounters/${encounterId}/messages`);
  return list.items;
}

/** Which visit the page's person was invited to. */
export async function visitOf(page: Page): Promise<Visit> {
  const me = await api<{ visit?: Visit }>(page, "/me");
  if (!me.visit) throw new Error("the link is for no visit");
  return me.visit;
}

/** An appointment as the calendar shows it, in a status when given. */
export function appointment(page: Page, id: string, status?: string) {
  const one = `[data-id="${id}"]`;
  return page.locator(status ? `${one}[data-status="${status}"], ${one}:has([data-status="${status}"])` : one);
}

/** From the sign-in link to the calendar. */
export async function openCalendar(doctor: Person, link: string): Promise<void> {
  await doctor.page.goto(link);
  await expect(doctor.page).toHaveURL(/\/calendar/);
  await expect(doctor.page, "the secret is gone from the address").toHaveURL((url) => url.hash === "");
}

/** From the calendar into the room: two activations. */
export async function joinFromCalendar(doctor: Person, id: string): Promise<void> {
  await appointment(doctor.page, id).first().click();
  await doctor.page.getByTestId("join").click();
  await expect(doctor.page.getByTestId("call")).toBeVisible();
}

/** From the link to the patient's or guest's own page. */
export async function openVisit(person: Person, link: string): Promise<void> {
  await person.page.goto(link);
  // Where the page was open already, a link that differs in its secret only loads it again.
  await expect(person.page, "the secret is gone from the address").toHaveURL((url) => url.hash === "");
  await expect(person.page.getByTestId("join")).toBeVisible();
}

/** From one's own page to the device check: one activation. */
export async function toDeviceCheck(person: Person): Promise<void> {
  await person.page.getByTestId("join").click();
  await expect(person.page.getByTestId("local-video")).toBeVisible();
}

/** From the device check to the waiting room. */
export async function toWaitingRoom(person: Person): Promise<void> {
  await person.page.getByTestId("join").click();
  await expect(person.page.getByTestId("waiting-room")).toBeVisible();
}

/** The shortest way to a call of doctor and patient. */
export async function meet(server: Server, doctor: Person, patient: Person): Promise<Visit> {
  await openVisit(patient, server.links.patient);
  await toDeviceCheck(patient);
  await expectMoving(patient.page, "local-video");
  await toWaitingRoom(patient);
  const visit = await visitOf(patient.page);
  await openCalendar(doctor, server.links.doctor);
  await expect(appointment(doctor.page, visit.appointmentId, "waiting").first()).toBeVisible();
  await joinFromCalendar(doctor, visit.appointmentId);
  await admit(doctor);
  await expect(patient.page.getByTestId("call")).toBeVisible();
  return visit;
}

/** Lets in whoever waits first. */
export async function admit(doctor: Person): Promise<void> {
  await doctor.page.getByTestId("admit").first().click();
}

/** Opens the chat beside or over the call when it is not there. */
export async function openChat(page: Page): Promise<void> {
  // A window that has just changed its size may open or close the chat by itself between
  // the look and the click; a person would press again.
  await expect(async () => {
    if (!(await page.getByTestId("chat-input").isVisible())) {
      await page.getByTestId("chat-toggle").click();
    }
    await expect(page.getByTestId("chat-input")).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
}

/** Writes a message and waits until the other side reads it. */
export async function say(from: Person, to: Person, text: string): Promise<void> {
  await openChat(from.page);
  await openChat(to.page);
  await from.page.getByTestId("chat-input").fill(text);
  await from.page.getByTestId("chat-send").click();
  await expect(to.page.getByTestId("chat-message").filter({ hasText: text })).toBeVisible();
  await expect(from.page.getByTestId("chat-message").filter({ hasText: text })).toHaveAttribute("data-status", "sent");
}

/** Sends a file through the chat and returns what the other side saves. */
export async function hand(from: Person, to: Person, name: string, mime: string, content: Buffer): Promise<Buffer> {
  await openChat(from.page);
  await openChat(to.page);
  await from.page.getByTestId("chat-file").setInputFiles({ name, mimeType: mime, buffer: content });
  const link = to.page.getByTestId("chat-file-link").filter({ hasText: name });
  await expect(link).toBeVisible();
  const [download] = await Promise.all([to.page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toBe(name);
  return bytesOf(download);
}
