import { describe, expect, it } from "vitest";
import type { Intake, IntakeUpdate } from "../api/types";
import { type IntakeDesk, IntakeDraft, isNumber, tidyNumber } from "./intake";

const blank = {
  appointmentId: "a",
  version: 0,
  editable: true,
  complaint: "throat",
  number: 1,
  questions: [
    { id: "fever", kind: "number", label: "Fever", required: true, options: [], min: 30, max: 45 },
    { id: "story", kind: "long_text", label: "Story", required: false, options: [] },
  ],
  answers: [],
  card: [{ part: "allergies", known: "nuts" }],
  files: [],
} as unknown as Intake;

/** A server of one intake, with a line that can be cut. */
class Desk implements IntakeDesk {
  stored: Intake = blank;
  down = false;
  saves: IntakeUpdate[] = [];

  async save(body: IntakeUpdate, version: number): Promise<Intake> {
    await Promise.resolve();
    if (this.down) throw new Error("network");
    if (version !== this.stored.version) throw new Error("version_stale");
    this.saves.push(body);
    this.stored = {
      ...this.stored,
      version: version + 1,
      complaint: body.complaint,
      answers: body.answers,
      card: this.stored.card.map((one) => {
        const said = body.card.find(({ part }) => part === one.part)?.said;
        return said === undefined ? { part: one.part, known: one.known } : { ...one, said };
      }),
      ...(body.submit ? { submittedAt: "2026-11-26T10:00:00Z" } : {}),
    };
    return this.stored;
  }

  async load(): Promise<Intake> {
    await Promise.resolve();
    if (this.down) throw new Error("network");
    return this.stored;
  }

  codeOf = (error: unknown) => (error as Error).message;
  fieldsOf = () => [];
}

function draftAt(desk: Desk) {
  const timers: (() => void)[] = [];
  const draft = new IntakeDraft(desk.stored, desk, (fn) => {
    timers.push(fn);
    return () => {
      const at = timers.indexOf(fn);
      if (at >= 0) timers.splice(at, 1);
    };
  });
  const settle = async () => {
    for (const fire of timers.splice(0)) fire();
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { draft, settle };
}

describe("what a patient tells before a visit", () => {
  it("saves by itself, and loses nothing while the line is down", async () => {
    const desk = new Desk();
    const { draft, settle } = draftAt(desk);
    draft.edit("complaint", ["throat, since Monday"]);
    await settle();
    expect(desk.stored.complaint).toBe("throat, since Monday");
    expect(draft.getSnapshot().phase).toBe("saved");
    desk.down = true;
    draft.edit("answer:story", ["at night"]);
    await settle();
    expect(draft.getSnapshot().phase).toBe("offline");
    expect(draft.unsaved()).toBe(true);
    draft.edit("answer:fever", ["37.4"]);
    await settle();
    desk.down = false;
    await settle();
    expect(desk.stored.answers).toEqual([
      { question: "fever", values: ["37.4"] },
      { question: "story", values: ["at night"] },
    ]);
    expect(draft.unsaved()).toBe(false);
  });

  it("keeps what is typed while a save is on the way", async () => {
    const desk = new Desk();
    const { draft, settle } = draftAt(desk);
    draft.edit("complaint", ["one"]);
    const flushed = draft.flush();
    draft.edit("complaint", ["one, two"]);
    await flushed;
    expect(draft.getSnapshot().fields["complaint"]).toEqual(["one, two"]);
    await settle();
    expect(desk.stored.complaint).toBe("one, two");
  });

  it("joins what another device saved, field by field", async () => {
    const desk = new Desk();
    const { draft, settle } = draftAt(desk);
    desk.stored = { ...desk.stored, version: 5, complaint: "theirs" };
    draft.edit("answer:story", ["mine"]);
    await settle();
    expect(desk.stored.complaint).toBe("theirs");
    expect(desk.stored.answers).toEqual([{ question: "story", values: ["mine"] }]);
    expect(draft.getSnapshot().fields["complaint"]).toEqual(["theirs"]);
  });

  it("is done only with all that must be answered, within its bounds", async () => {
    const desk = new Desk();
    const { draft } = draftAt(desk);
    expect(await draft.submit()).toBe(false);
    expect(draft.getSnapshot().wrong).toEqual(["answer:fever"]);
    draft.edit("answer:fever", ["99"]);
    expect(await draft.submit()).toBe(false);
    draft.edit("answer:fever", ["37.4"]);
    expect(await draft.submit()).toBe(true);
    expect(desk.saves.at(-1)?.submit).toBe(true);
  });

  it("sends a correction of the card only where it differs", async () => {
    const desk = new Desk();
    const { draft, settle } = draftAt(desk);
    draft.edit("card:allergies", ["nuts"]);
    await settle();
    expect(desk.saves.at(-1)?.card).toEqual([]);
    draft.edit("card:allergies", ["nuts, iodine"]);
    await settle();
    expect(desk.saves.at(-1)?.card).toEqual([{ part: "allergies", said: "nuts, iodine" }]);
  });

  it("is closed once the visit has begun", async () => {
    const desk = new Desk();
    const { draft, settle } = draftAt(desk);
    desk.save = async () => {
      throw new Error("transition_refused");
    };
    draft.edit("complaint", ["late"]);
    await settle();
    expect(draft.getSnapshot().phase).toBe("closed");
  });
});

it("reads numbers as people type them", () => {
  expect(tidyNumber("36,6 °C")).toBe("36.6");
  expect(isNumber("36.6")).toBe(true);
  for (const text of ["", "3.", "1e9", "--1", "1.2.3"]) expect(isNumber(text), text).toBe(false);
});
