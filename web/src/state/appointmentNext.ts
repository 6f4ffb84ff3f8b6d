import type { Appointment } from "../api/types";

/** The one thing that a member of staff should do about a visit next. */
export type NextStep = "confirm" | "admit" | "join" | "sign" | "write" | "finish";

/**
 * What the viewer should do next; null when it is somebody else's turn. A booked visit can
 * be joined early, but nobody has to until the patient waits or the time has come.
 */
export function nextStep({
  status,
  actions,
}: Pick<Appointment, "status" | "actions">): NextStep | null {
  const can = (...names: Appointment["actions"]) => names.some((name) => actions.includes(name));
  if (status === "requested" && can("confirm")) return "confirm";
  if (status === "waiting" && can("join", "admit")) return "admit";
  if (status === "documenting" && can("sign")) return "sign";
  if (status === "documenting" && can("write")) return "write";
  if (can("join")) return "join";
  return can("finish") ? "finish" : null;
}
