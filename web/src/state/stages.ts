import type { Status, StatusTone } from "../ui/status";

export type StageName = "requests" | "planned" | "waiting" | "live" | "writing" | "done" | "off";

/** The states in which the same is to be done: a column of the board, a choice of the filter. */
export interface Stage {
  name: StageName;
  tone: StatusTone;
  statuses: ReadonlySet<string>;
  /** Shown only when somebody is in it. */
  quiet?: boolean;
}

const of = (...statuses: Status[]): ReadonlySet<string> => new Set(statuses);

/** Every state has one stage; a test holds that. The server's board has the same ones. */
export const stages: readonly Stage[] = [
  { name: "requests", tone: "ask", statuses: of("requested", "held", "awaiting_payment") },
  { name: "planned", tone: "plan", statuses: of("booked") },
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

export const stageOf = (status: string): Stage | undefined =>
  stages.find(({ statuses }) => statuses.has(status));

/** How many are in each stage, from counts of states; empty stages are left out. */
export function stageCounts(
  counts: Readonly<Record<string, number>>,
): { stage: Stage; count: number }[] {
  return stages
    .map((stage) => ({
      stage,
      count: Object.entries(counts).reduce(
        (sum, [status, count]) => sum + (stage.statuses.has(status) ? count : 0),
        0,
      ),
    }))
    .filter(({ count }) => count > 0);
}
