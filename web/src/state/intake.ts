import type { CardPart, Intake, IntakeUpdate, QuestionKind } from "../api/types";

/**
 * saved: the server has it all; waiting: about to be sent; saving: on the way; offline: could
 * not be sent, will be tried again; refused: the server finds a field wrong; closed: the visit
 * has begun, nothing can be changed any more.
 */
export type IntakePhase = "saved" | "waiting" | "saving" | "offline" | "refused" | "closed";

/** What a patient writes, by field: "complaint", "answer:<question>", "card:<part>". */
export type Fields = Readonly<Record<string, readonly string[]>>;

export interface IntakeState {
  phase: IntakePhase;
  fields: Fields;
  /** As the server has it, as far as known. */
  intake: Intake;
  /** Fields that are missing or wrong, after the patient wanted to be done. */
  wrong: readonly string[];
}

export interface IntakeDesk {
  save(body: IntakeUpdate, version: number): Promise<Intake>;
  load(): Promise<Intake>;
  /** Code of a refusal: "version_stale", "network", … */
  codeOf(error: unknown): string;
  /** Pointers of the fields that a refusal names. */
  fieldsOf(error: unknown): readonly string[];
}

type Later = (fn: () => void, ms: number) => () => void;

const pauseMs = 800;
const retryMs = 3_000;
/** Whether trying the same again can help. */
const passing = new Set(["network", "internal", "too_many", "unavailable", "timeout"]);
const wrongInput = new Set(["invalid", "malformed", "too_large", "incomplete"]);

/**
 * What a patient tells before a visit, being written: saves by itself after a pause, keeps
 * trying while there is no connection, and joins what two devices wrote, field by field.
 */
export class IntakeDraft {
  private state: IntakeState;
  private readonly later: Later;
  private readonly listeners = new Set<() => void>();
  private readonly touched = new Set<string>();
  private cancelTimer: (() => void) | null = null;
  private running: Promise<void> | null = null;

  constructor(
    intake: Intake,
    private readonly desk: IntakeDesk,
    later?: Later,
  ) {
    this.later =
      later ??
      ((fn, ms) => {
        const timer = setTimeout(fn, ms);
        return () => clearTimeout(timer);
      });
    this.state = {
      phase: intake.editable ? "saved" : "closed",
      fields: fieldsOf(intake),
      intake,
      wrong: [],
    };
  }

  getSnapshot = (): IntakeState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  edit(field: string, values: readonly string[]): void {
    if (this.state.phase === "closed") return;
    this.touched.add(field);
    this.set({
      fields: { ...this.state.fields, [field]: values },
      wrong: this.state.wrong.filter((one) => one !== field),
      phase: this.state.phase === "saving" ? "saving" : "waiting",
    });
    this.arm(pauseMs);
  }

  /** Whether something is not with the server yet. */
  unsaved(): boolean {
    return this.state.phase !== "closed" && this.touched.size > 0;
  }

  /** Tries at once what waits, for instance when the connection is back. */
  async flush(): Promise<boolean> {
    this.disarm();
    while (this.running) await this.running;
    if (this.unsaved()) await this.send(false);
    return !this.unsaved();
  }

  /** The patient says that this is all. False when something is missing or the line is down. */
  async submit(): Promise<boolean> {
    this.disarm();
    while (this.running) await this.running;
    const missing = missingIn(this.state.intake, this.state.fields);
    this.set({ wrong: missing });
    if (missing.length > 0) {
      if (this.unsaved()) await this.send(false);
      this.set({ wrong: missing });
      return false;
    }
    await this.send(true);
    return this.state.phase === "saved" && this.state.intake.submittedAt !== undefined;
  }

  /** Takes over what the server says after a file came or went; what is being written stays. */
  adopt(intake: Intake): void {
    if (intake.version < this.state.intake.version) return;
    this.set({ intake, fields: this.over(intake) });
  }

  dispose(): void {
    this.disarm();
    this.listeners.clear();
  }

  /** The server's fields with those on top that are not saved yet. */
  private over(intake: Intake): Fields {
    const fields: Record<string, readonly string[]> = { ...fieldsOf(intake) };
    for (const field of this.touched) fields[field] = this.state.fields[field] ?? [];
    return fields;
  }

  private send(submit: boolean): Promise<void> {
    this.running = this.save(submit, 0).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async save(submit: boolean, tries: number): Promise<void> {
    const { fields, intake } = this.state;
    const sent = new Map([...this.touched].map((field) => [field, fields[field]]));
    this.set({ phase: "saving" });
    try {
      const saved = await this.desk.save(bodyOf(intake, fields, submit), intake.version);
      for (const [field, value] of sent) {
        if (this.state.fields[field] === value) this.touched.delete(field);
      }
      this.set({
        intake: saved,
        fields: this.over(saved),
        phase: this.touched.size ? "waiting" : "saved",
      });
      if (this.touched.size > 0) this.arm(pauseMs);
    } catch (error) {
      const code = this.desk.codeOf(error);
      if (code === "version_stale" && tries < 3) await this.join(submit, tries);
      else if (passing.has(code) || code === "version_stale") this.pause();
      else if (wrongInput.has(code)) {
        this.set({ phase: "refused", wrong: this.desk.fieldsOf(error).map(fieldAt) });
      } else this.set({ phase: "closed" });
    }
  }

  /** Brings in what another device saved and tries again. */
  private async join(submit: boolean, tries: number): Promise<void> {
    try {
      const theirs = await this.desk.load();
      this.set({ intake: theirs, fields: this.over(theirs) });
      if (!theirs.editable) this.set({ phase: "closed" });
      else await this.save(submit, tries + 1);
    } catch {
      this.pause();
    }
  }

  private pause(): void {
    this.set({ phase: "offline" });
    this.arm(retryMs);
  }

  private arm(ms: number): void {
    this.disarm();
    this.cancelTimer = this.later(() => {
      this.cancelTimer = null;
      if (!this.running && this.unsaved()) void this.send(false);
    }, ms);
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
  }

  private set(change: Partial<IntakeState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** The fields of an intake; a part of the card begins with what the card says. */
export function fieldsOf(intake: Intake): Fields {
  const fields: Record<string, readonly string[]> = { complaint: [intake.complaint] };
  for (const { question, values } of intake.answers) fields[`answer:${question}`] = values;
  for (const { part, known, said } of intake.card) fields[`card:${part}`] = [said ?? known];
  return fields;
}

function bodyOf(intake: Intake, fields: Fields, submit: boolean): IntakeUpdate {
  const answers = intake.questions.flatMap(({ id, kind }) => {
    const values = fields[`answer:${id}`] ?? [];
    return sendable(kind, values) ? [{ question: id, values: [...values] }] : [];
  });
  const card = intake.card.flatMap(({ part, known }) => {
    const said = fields[`card:${part}`]?.[0] ?? known;
    // Half a date is no date.
    if (said === known || (part === "birth_date" && said === "")) return [];
    return [{ part: part as CardPart, said }];
  });
  return {
    number: intake.number,
    complaint: fields["complaint"]?.[0] ?? "",
    answers,
    card,
    ...(submit ? { submit } : {}),
  };
}

/** Whether the server takes an answer as it stands; what is half typed stays here. */
function sendable(kind: QuestionKind, values: readonly string[]): boolean {
  const [first = ""] = values;
  if (values.length === 0 || first.trim() === "") return false;
  return kind !== "number" || isNumber(first);
}

export function isNumber(text: string): boolean {
  return /^-?\d{1,12}(\.\d{1,6})?$/.test(text);
}

/** A number as people type it, with a point. */
export function tidyNumber(typed: string): string {
  return typed.replace(",", ".").replace(/[^\d.-]/g, "");
}

/** Fields that keep the patient from being done, in the order of the page. */
export function missingIn(intake: Intake, fields: Fields): string[] {
  return intake.questions.flatMap((question) => {
    const field = `answer:${question.id}`;
    const values = fields[field] ?? [];
    const [first = ""] = values;
    if (values.length === 0 || first.trim() === "") return question.required ? [field] : [];
    if (question.kind !== "number") return [];
    const n = Number(first);
    const fits = isNumber(first) && n >= (question.min ?? n) && n <= (question.max ?? n);
    return fits ? [] : [field];
  });
}

/** "/answers/fever" as the field "answer:fever". */
function fieldAt(pointer: string): string {
  const [, part = "", name = ""] = pointer.split("/");
  if (part === "answers") return `answer:${name}`;
  if (part === "card") return `card:${name}`;
  return part;
}
