import type { Status, StatusTone } from "../../ui/status";

export interface BoardColumn {
  name: "planned" | "waiting" | "live" | "writing" | "done" | "off";
  tone: StatusTone;
  statuses: ReadonlySet<string>;
  /** Shown only when somebody is in it. */
  quiet?: boolean;
}

const of = (...statuses: Status[]): ReadonlySet<string> => new Set(statuses);

/** Every state has one column; a test holds that. */
export const boardColumns: readonly BoardColumn[] = [
  {
    name: "planned",
    tone: "plan",
    statuses: of("requested", "held", "awaiting_payment", "booked"),
  },
  { name: "waiting", tone: "wait", statuses: of("queued", "waiting") },
  { name: "live", tone: "live", statuses: of("in_progress", "interrupted") },
  { name: "writing", tone: "write", statuses: of("documenting") },
  { name: "done", tone: "done", statuses: of("completed", "amended") },
  {
    name: "off",
    tone: "off",
    quiet: true,
    statuses: of(
      "rescheduled",
      "cancelled",
      "cancelled_clinic",
      "withdrawn",
      "declined",
      "expired",
      "no_show",
      "provider_no_show",
      "failed",
      "entered_in_error",
    ),
  },
];
