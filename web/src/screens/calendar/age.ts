import type { Appointment } from "../../api/types";

/** States in which somebody waits for something to happen next. */
const pending = new Set([
  "requested",
  "held",
  "queued",
  "awaiting_payment",
  "waiting",
  "in_progress",
  "interrupted",
  "documenting",
]);

/** How long, in ms, the present state has lasted, where that matters; null elsewhere. */
export function ageOf(appointment: Appointment, now: Date): number | null {
  if (!pending.has(appointment.status)) return null;
  return Math.max(0, now.getTime() - Date.parse(appointment.since));
}
