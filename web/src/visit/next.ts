import type { Appointment, AppointmentStatus, Document } from "../api/types";

/** Statuses in which the patient is on the way to, or in, the consultation. */
const ahead: ReadonlySet<AppointmentStatus> = new Set([
  "requested",
  "held",
  "queued",
  "awaiting_payment",
  "booked",
  "waiting",
  "in_progress",
  "interrupted",
]);

const now: ReadonlySet<AppointmentStatus> = new Set(["waiting", "in_progress", "interrupted"]);

/** A link for one visit stays about that visit for this long after its end, in milliseconds. */
const lingerMs = 6 * 60 * 60 * 1000;

/**
 * The appointment that the page is about: one that goes on, then the one that the link was
 * for, then the nearest ahead.
 */
export function chooseNext(
  appointments: readonly Appointment[],
  linked: string | undefined,
  at: number,
): Appointment | undefined {
  const coming = appointments
    .filter((one) => ahead.has(one.status))
    .filter((one) => now.has(one.status) || Date.parse(one.end) + lingerMs > at)
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return (
    coming.find((one) => now.has(one.status)) ??
    coming.find((one) => one.id === linked && canJoin(one)) ??
    // A door that is open must not be missed for a link to another one.
    coming.find(canJoin) ??
    coming.find((one) => one.id === linked) ??
    coming[0]
  );
}

export function canJoin(appointment: Appointment): boolean {
  return appointment.actions.includes("join") && appointment.encounterId !== undefined;
}

/** The signed conclusion of a consultation, once it is there. */
export function conclusionOf(
  documents: readonly Document[],
  encounterId: string,
): Document | undefined {
  return documents.find(
    (one) =>
      one.encounterId === encounterId && one.kind === "conclusion" && one.status === "current",
  );
}

/** How long until or since the start, in words of the time line. */
export type Moment = { kind: "later" } | { kind: "soon" | "started"; ms: number } | { kind: "now" };

const soonMs = 2 * 60 * 60 * 1000;
const nowMs = 60 * 1000;
/** A doctor this late is no news yet. */
const lateMs = 10 * 60 * 1000;

export function momentOf(start: string, at: number): Moment {
  const left = Date.parse(start) - at;
  if (left > soonMs) return { kind: "later" };
  if (left > nowMs) return { kind: "soon", ms: left };
  if (left > -lateMs) return { kind: "now" };
  return { kind: "started", ms: -left };
}
