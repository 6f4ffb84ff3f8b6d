import { describe, expect, it } from "vitest";
import type { Composition, Sections } from "../api/types";
import { Draft, fitsCode, looksLikeIcd10, missingSections, tidyCode } from "./draft";

const empty: Sections = {
  complaint: "",
  anamnesis: "",
  findings: "",
  diagnosisCode: "",
  diagnosis: "",
  plan: "",
};

/** A server with one draft and the timers of the page, both turned by hand. */
function setup() {
  const server = { version: 1, sections: { ...empty, complaint: "cough" } };
  let fault = "";
  let saves = 0;
  let timer: (() => void) | null = null;
  const composition = (): Composition => ({
    encounterId: "e",
    status: "draft",
    version: server.version,
    sections: { ...server.sections },
    mandatory: ["complaint", "diagnosis"],
    prefilled: ["complaint"],
  });
  const draft = new Draft(
    composition(),
    {
      save: async (sections, version) => {
        saves++;
        if (fault) throw fault;
        if (version !== server.version) throw "version_stale";
        server.version++;
        server.sections = { ...sections };
        return composition();
      },
      load: async () => composition(),
      codeOf: String,
    },
    {
      later: (fn) => {
        timer = fn;
        return () => {
          timer = null;
        };
      },
      now: () => new Date(0),
    },
  );
  const tick = async () => {
    const due = timer;
    timer = null;
    due?.();
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return {
    draft,
    server,
    tick,
    saves: () => saves,
    breakWith: (code: string) => {
      fault = code;
    },
    phase: () => draft.getSnapshot().phase,
  };
}

describe("Draft", () => {
  it("saves once after a pause in typing", async () => {
    const { draft, server, tick, saves, phase } = setup();
    draft.edit("plan", "re");
    draft.edit("plan", "rest");
    expect(phase()).toBe("waiting");
    await tick();
    expect(phase()).toBe("saved");
    expect(server.sections.plan).toBe("rest");
    expect(saves()).toBe(1);
  });

  it("keeps trying while the server can't be reached, and loses nothing", async () => {
    const { draft, server, tick, breakWith, phase } = setup();
    breakWith("network");
    draft.edit("plan", "rest");
    await tick();
    expect(phase()).toBe("offline");
    breakWith("");
    await tick();
    expect(phase()).toBe("saved");
    expect(server.sections.plan).toBe("rest");
  });

  it("joins changes to different sections", async () => {
    const { draft, server, tick, phase } = setup();
    server.sections = { ...server.sections, findings: "theirs" };
    server.version++;
    draft.edit("plan", "mine");
    await tick();
    await tick();
    expect(phase()).toBe("saved");
    expect(server.sections).toMatchObject({ findings: "theirs", plan: "mine" });
  });

  for (const choice of ["mine", "theirs"] as const) {
    it(`asks when both changed one section, and keeps ${choice}`, async () => {
      const { draft, server, tick, phase } = setup();
      server.sections = { ...server.sections, plan: "theirs" };
      server.version++;
      draft.edit("plan", "mine");
      await tick();
      expect(phase()).toBe("clash");
      expect(draft.getSnapshot().clashes).toEqual({ plan: "theirs" });
      expect(server.sections.plan).toBe("theirs");
      draft.settle("plan", choice);
      await tick();
      expect(phase()).toBe("saved");
      expect(server.sections.plan).toBe(choice);
    });
  }

  it("takes no edits after a final refusal", async () => {
    const { draft, tick, breakWith, phase } = setup();
    breakWith("access_closed");
    draft.edit("plan", "late");
    await tick();
    expect(phase()).toBe("closed");
    draft.edit("plan", "later");
    expect(draft.getSnapshot().sections.plan).toBe("late");
  });

  it("saves the rest while a code can't be kept, and does not sign without it", async () => {
    const { draft, server, tick, phase } = setup();
    draft.edit("diagnosisCode", "ОРВИ");
    draft.edit("plan", "rest");
    await tick();
    expect(phase()).toBe("saved");
    expect(server.sections).toMatchObject({ diagnosisCode: "", plan: "rest" });
    expect(draft.getSnapshot().sections.diagnosisCode).toBe("ОРВИ");
    await expect(draft.flush()).resolves.toBe(false);
    draft.edit("diagnosisCode", "J06.9");
    await tick();
    expect(server.sections.diagnosisCode).toBe("J06.9");
    await expect(draft.flush()).resolves.toBe(true);
  });

  it("goes on after the server refused a text", async () => {
    const { draft, server, tick, breakWith, phase } = setup();
    breakWith("invalid");
    draft.edit("plan", "too much");
    await tick();
    expect(phase()).toBe("refused");
    breakWith("");
    draft.edit("plan", "rest");
    await tick();
    expect(phase()).toBe("saved");
    expect(server.sections.plan).toBe("rest");
  });

  it("flushes before signing", async () => {
    const { draft, server } = setup();
    draft.edit("diagnosis", "ARVI");
    await expect(draft.flush()).resolves.toBe(true);
    expect(server.sections.diagnosis).toBe("ARVI");
  });

  it("does not flush into a dead line", async () => {
    const { draft, breakWith } = setup();
    breakWith("network");
    draft.edit("diagnosis", "ARVI");
    await expect(draft.flush()).resolves.toBe(false);
  });
});

describe("what signing needs", () => {
  it("names empty mandatory sections", () => {
    const sections = { ...empty, complaint: "cough", diagnosis: "  " };
    expect(missingSections(["complaint", "diagnosis"], sections)).toEqual(["diagnosis"]);
  });

  it("knows the shape of ICD-10", () => {
    for (const good of ["J06.9", "A09", "i10", "S52.501A", "G63.2*"])
      expect(looksLikeIcd10(good)).toBe(true);
    for (const bad of ["", "J6.9", "cold", "J06."]) expect(looksLikeIcd10(bad)).toBe(false);
  });

  it("forgives a Cyrillic keyboard", () => {
    expect(tidyCode("к29.3")).toBe("K29.3");
    expect(fitsCode(tidyCode("о06"))).toBe(true);
    expect(fitsCode(tidyCode("орви"))).toBe(false);
  });
});
