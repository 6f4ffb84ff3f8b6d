import { describe, expect, it } from "vitest";
import type { Appointment, Document } from "../api/types";
import { canJoin, chooseNext, conclusionOf, momentOf } from "./next";

const noon = Date.parse("2026-11-24T12:00:00Z");

function appointment(id: string, change: Partial<Appointment> = {}): Appointment {
  return {
    id,
    no: "2026-000001",
    status: "booked",
    start: "2026-11-24T12:00:00Z",
    end: "2026-11-24T12:30:00Z",
    zone: "Europe/Moscow",
    service: { id: "s", name: "Consultation", durationMin: 30 },
    modality: "video",
    price: { minor: 0, currency: "RUB" },
    practitioner: { id: "d", name: "Doctor", specialty: "Therapist" },
    patient: { id: "p", name: "Patient" },
    encounterId: `enc-${id}`,
    since: "2026-11-20T12:00:00Z",
    actions: ["join"],
    version: 1,
    sequence: 0,
    threadId: id,
    ...change,
  };
}

describe("chooseNext", () => {
  const later = appointment("later", {
    start: "2026-11-25T12:00:00Z",
    end: "2026-11-25T12:30:00Z",
  });
  const cases: { name: string; list: Appointment[]; linked?: string; want: string | undefined }[] =
    [
      { name: "nothing", list: [], want: undefined },
      { name: "the nearest", list: [later, appointment("near")], want: "near" },
      {
        name: "the one of the link",
        list: [later, appointment("near")],
        linked: "later",
        want: "later",
      },
      {
        name: "one that goes on, whatever the link says",
        list: [appointment("on", { status: "in_progress" }), later],
        linked: "later",
        want: "on",
      },
      {
        name: "the next when the link's one is over",
        list: [appointment("old", { status: "completed" }), later],
        linked: "old",
        want: "later",
      },
      {
        name: "not one that was missed long ago",
        list: [appointment("old", { start: "2026-11-20T12:00:00Z", end: "2026-11-20T12:30:00Z" })],
        want: undefined,
      },
      {
        name: "one that runs late stays",
        list: [appointment("late", { start: "2026-11-24T10:00:00Z", end: "2026-11-24T10:30:00Z" })],
        want: "late",
      },
    ];
  for (const test of cases) {
    it(test.name, () => expect(chooseNext(test.list, test.linked, noon)?.id).toBe(test.want));
  }
});

describe("canJoin", () => {
  it("follows what the server allows", () => {
    expect(canJoin(appointment("a"))).toBe(true);
    expect(canJoin(appointment("a", { actions: [] }))).toBe(false);
  });
});

describe("conclusionOf", () => {
  const document = (change: Partial<Document>): Document => ({
    id: "d",
    kind: "conclusion",
    title: "Conclusion",
    mime: "application/pdf",
    size: 1,
    sha256: "",
    createdAt: "2026-11-24T13:00:00Z",
    encounterId: "e",
    status: "current",
    author: "Doctor",
    ...change,
  });

  it("is that of the consultation, current, and no chat file", () => {
    expect(conclusionOf([document({ kind: "chat_file" })], "e")).toBeUndefined();
    expect(conclusionOf([document({ status: "superseded" })], "e")).toBeUndefined();
    expect(conclusionOf([document({})], "other")).toBeUndefined();
    expect(conclusionOf([document({})], "e")?.id).toBe("d");
  });
});

describe("momentOf", () => {
  const cases = [
    { name: "tomorrow", start: "2026-11-25T12:00:00Z", want: "later" },
    { name: "in half an hour", start: "2026-11-24T12:30:00Z", want: "soon" },
    { name: "now", start: "2026-11-24T12:00:30Z", want: "now" },
    { name: "a little ago", start: "2026-11-24T11:55:00Z", want: "now" },
    { name: "half an hour ago", start: "2026-11-24T11:30:00Z", want: "started" },
  ];
  for (const test of cases) {
    it(test.name, () => expect(momentOf(test.start, noon).kind).toBe(test.want));
  }
});
