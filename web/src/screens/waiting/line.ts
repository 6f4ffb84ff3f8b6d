import type { Appointment } from "../../api/types";

/** What the waiting room says about time, by the server's clock. */
export interface WaitingLine {
  kind: "early" | "due" | "late";
  /** How long the patient has waited; unknown until checked in. */
  waitedMs: number | undefined;
}

/** From this much after the start on the doctor counts as late, in milliseconds. */
const lateMs = 5 * 60 * 1000;

export function waitingLine(
  appointment: Pick<Appointment, "start" | "status" | "since">,
  now: number,
): WaitingLine {
  const past = now - Date.parse(appointment.start);
  return {
    kind: past < 0 ? "early" : past < lateMs ? "due" : "late",
    waitedMs:
      appointment.status === "waiting"
        ? Math.max(0, now - Date.parse(appointment.since))
        : undefined,
  };
}
