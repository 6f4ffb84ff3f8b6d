import type { Composition, SectionName, Sections } from "../api/types";

/**
 * saved: the server has it all; waiting: changes are about to be sent; saving: on the way;
 * offline: could not be sent, will be tried again; clash: somebody else changed the same
 * section; refused: the server finds the text wrong, an edit is needed; closed: it takes no
 * more changes.
 */
export type DraftPhase =
  | "saved"
  | "waiting"
  | "saving"
  | "offline"
  | "clash"
  | "refused"
  | "closed";

export interface DraftState {
  phase: DraftPhase;
  sections: Sections;
  /** What the server has, as far as known. */
  composition: Composition;
  savedAt: Date | null;
  /** Sections that both sides changed differently, with the other side's text. */
  clashes: Partial<Sections>;
  /** The last refusal's code, while offline or closed. */
  fault: string | null;
}

export interface DraftDesk {
  save(sections: Sections, version: number): Promise<Composition>;
  load(): Promise<Composition>;
  /** Code of a refusal: "version_stale", "network", … */
  codeOf(error: unknown): string;
}

const pauseMs = 900;
const retryMs = 5_000;
const names: readonly SectionName[] = [
  "complaint",
  "anamnesis",
  "findings",
  "diagnosisCode",
  "diagnosis",
  "plan",
];

/** Whether trying the same again can help. */
const passing = new Set(["network", "internal", "too_many"]);
/** Whether another text would be taken. */
const wrong = new Set(["invalid", "malformed", "too_large"]);

/**
 * A conclusion being written: saves by itself after a pause in typing, one request at a
 * time, and joins what two devices wrote as long as they wrote in different sections.
 */
export class Draft {
  private state: DraftState;
  private readonly desk: DraftDesk;
  private readonly later: (fn: () => void, ms: number) => () => void;
  private readonly now: () => Date;
  private readonly listeners = new Set<() => void>();
  private cancelTimer: (() => void) | null = null;
  private running: Promise<void> | null = null;

  constructor(
    composition: Composition,
    desk: DraftDesk,
    parts: { later?: (fn: () => void, ms: number) => () => void; now?: () => Date } = {},
  ) {
    this.desk = desk;
    this.now = parts.now ?? (() => new Date());
    this.later =
      parts.later ??
      ((fn, ms) => {
        const timer = setTimeout(fn, ms);
        return () => clearTimeout(timer);
      });
    this.state = {
      phase: composition.status === "final" ? "closed" : "saved",
      sections: composition.sections,
      composition,
      savedAt: null,
      clashes: {},
      fault: null,
    };
  }

  getSnapshot = (): DraftState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  edit(name: SectionName, value: string): void {
    if (this.state.phase === "closed") return;
    const clashes = { ...this.state.clashes };
    this.set({
      sections: { ...this.state.sections, [name]: value },
      phase: this.state.phase === "clash" ? "clash" : "waiting",
      clashes,
    });
    if (this.state.phase === "waiting") this.arm(pauseMs);
  }

  /** Ends a clash in one section: keep one's own text, or take the other side's. */
  settle(name: SectionName, choice: "mine" | "theirs"): void {
    const { [name]: theirs, ...clashes } = this.state.clashes;
    if (theirs === undefined) return;
    const sections =
      choice === "theirs" ? { ...this.state.sections, [name]: theirs } : this.state.sections;
    const open = Object.keys(clashes).length > 0;
    this.set({ clashes, sections, phase: open ? "clash" : "waiting" });
    if (!open) this.arm(0);
  }

  /** Sends what is unsaved now; resolves when there is nothing more to send or it can't be sent. */
  async flush(): Promise<boolean> {
    this.disarm();
    while (this.changed() && this.state.phase !== "clash" && this.state.phase !== "closed") {
      await (this.running ?? this.send());
      if (this.state.phase === "offline" || this.state.phase === "refused") return false;
    }
    return this.state.phase !== "clash" && this.sendable() === this.state.sections;
  }

  /** Takes over a signed composition; nothing can be edited any more. */
  close(composition: Composition): void {
    this.disarm();
    this.set({ composition, sections: composition.sections, phase: "closed", clashes: {} });
  }

  dispose(): void {
    this.disarm();
    this.listeners.clear();
  }

  /** What may be sent: a code that the server would refuse stays here, the rest need not wait. */
  private sendable(): Sections {
    const { sections, composition } = this.state;
    const { diagnosisCode } = sections;
    if (fitsCode(diagnosisCode)) return sections;
    return { ...sections, diagnosisCode: composition.sections.diagnosisCode };
  }

  private changed(): boolean {
    const sections = this.sendable();
    return names.some((n) => sections[n] !== this.state.composition.sections[n]);
  }

  private send(): Promise<void> {
    this.running = this.save().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async save(): Promise<void> {
    this.set({ phase: "saving" });
    try {
      this.accept(await this.desk.save(this.sendable(), this.state.composition.version));
    } catch (error) {
      const code = this.desk.codeOf(error);
      if (code === "version_stale") await this.join();
      else if (passing.has(code)) this.pause(code);
      else if (wrong.has(code)) this.set({ phase: "refused", fault: code });
      else this.set({ phase: "closed", fault: code });
    }
  }

  private accept(composition: Composition): void {
    this.set({ composition, savedAt: this.now(), fault: null, phase: "saved" });
    if (this.changed()) {
      this.set({ phase: "waiting" });
      this.arm(pauseMs);
    }
  }

  /** Brings in what somebody else saved: section by section, against the common base. */
  private async join(): Promise<void> {
    let theirs: Composition;
    try {
      theirs = await this.desk.load();
    } catch (error) {
      this.pause(this.desk.codeOf(error));
      return;
    }
    if (theirs.status === "final") {
      this.close(theirs);
      return;
    }
    const base = this.state.composition.sections;
    const sections = { ...this.state.sections };
    const clashes: Partial<Sections> = {};
    for (const name of names) {
      const mine = sections[name];
      const other = theirs.sections[name];
      if (mine === base[name]) sections[name] = other;
      else if (other !== base[name] && other !== mine) clashes[name] = other;
    }
    const clash = Object.keys(clashes).length > 0;
    this.set({ composition: theirs, sections, clashes, phase: clash ? "clash" : "saved" });
    if (!clash && this.changed()) {
      this.set({ phase: "waiting" });
      this.arm(0);
    }
  }

  private pause(code: string): void {
    this.set({ phase: "offline", fault: code });
    this.arm(retryMs);
  }

  private arm(ms: number): void {
    this.disarm();
    this.cancelTimer = this.later(() => {
      this.cancelTimer = null;
      if (!this.running && this.changed()) void this.send();
      else if (!this.changed() && this.state.phase === "waiting") this.set({ phase: "saved" });
    }, ms);
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
  }

  private set(change: Partial<DraftState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** Mandatory sections that are still empty. */
export function missingSections(mandatory: readonly string[], sections: Sections): SectionName[] {
  return names.filter((name) => mandatory.includes(name) && sections[name].trim() === "");
}

/** Whether a code has only the signs that ICD-10 uses; nothing else is kept. */
export function fitsCode(code: string): boolean {
  return /^[0-9A-Za-z.*+-]*$/.test(code);
}

/** ICD-10: a letter, two characters, up to four after a dot, and the dagger or asterisk. */
export function looksLikeIcd10(code: string): boolean {
  return /^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?[*+]?$/.test(code.trim().toUpperCase());
}

const cyrillic = "АВЕКМНОРСТХ";
const latin = "ABEKMHOPCTX";

/** A code in capitals; letters of a Cyrillic keyboard that look Latin become Latin. */
export function tidyCode(typed: string): string {
  return [...typed.toUpperCase()].map((char) => latin[cyrillic.indexOf(char)] ?? char).join("");
}
