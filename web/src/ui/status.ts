import {
  AlertIcon,
  BanIcon,
  CardIcon,
  CheckIcon,
  ClockIcon,
  type IconType,
  PenIcon,
  VideoIcon,
  WaitingIcon,
  WifiOffIcon,
} from "./icons";

/** Every state of an appointment, as the server names it. */
export const statuses = [
  "requested",
  "held",
  "queued",
  "awaiting_payment",
  "booked",
  "waiting",
  "in_progress",
  "interrupted",
  "documenting",
  "completed",
  "amended",
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
] as const;

export type Status = (typeof statuses)[number];

/** Tones group states by what they ask of the reader; the word says which it is. */
export type StatusTone = "plan" | "ask" | "wait" | "live" | "write" | "done" | "off" | "bad";

interface Look {
  tone: StatusTone;
  icon: IconType;
}

const looks: Record<Status, Look> = {
  requested: { tone: "ask", icon: ClockIcon },
  held: { tone: "ask", icon: ClockIcon },
  queued: { tone: "wait", icon: WaitingIcon },
  awaiting_payment: { tone: "ask", icon: CardIcon },
  booked: { tone: "plan", icon: CheckIcon },
  waiting: { tone: "wait", icon: WaitingIcon },
  in_progress: { tone: "live", icon: VideoIcon },
  interrupted: { tone: "bad", icon: WifiOffIcon },
  documenting: { tone: "write", icon: PenIcon },
  completed: { tone: "done", icon: CheckIcon },
  amended: { tone: "done", icon: PenIcon },
  rescheduled: { tone: "off", icon: ClockIcon },
  cancelled: { tone: "off", icon: BanIcon },
  cancelled_clinic: { tone: "off", icon: BanIcon },
  withdrawn: { tone: "off", icon: BanIcon },
  declined: { tone: "off", icon: BanIcon },
  expired: { tone: "off", icon: ClockIcon },
  no_show: { tone: "bad", icon: AlertIcon },
  provider_no_show: { tone: "bad", icon: AlertIcon },
  failed: { tone: "bad", icon: AlertIcon },
  entered_in_error: { tone: "off", icon: BanIcon },
};

/** The look of a state; one this version does not know is shown neutrally. */
export function statusLook(status: string): Look {
  return looks[status as Status] ?? { tone: "off", icon: ClockIcon };
}
