/** What a booking begins with: a kept time to finish, a visit to move, or one to repeat. */
export interface BookingStart {
  kind: "finish" | "move" | "again";
  id: string;
}

/** Where the patient or guest is on the page. Pure: the application acts on what it says. */
export type Step =
  | { at: "opening" }
  | { at: "home" }
  | { at: "request"; start?: BookingStart }
  | { at: "security" }
  | { at: "help" }
  | { at: "data" }
  | { at: "intake"; appointmentId: string }
  | { at: "devices"; encounterId: string }
  | { at: "room"; encounterId: string }
  | { at: "after"; encounterId: string; reason: string };

export type FlowEvent =
  | { type: "start"; step: Step }
  | { type: "join"; encounterId: string }
  | { type: "request"; start?: BookingStart }
  | { type: "security" }
  | { type: "help" }
  | { type: "admitted"; encounterId: string }
  | { type: "data" }
  | { type: "intake"; appointmentId: string }
  | { type: "checked" }
  | { type: "ended"; reason: string }
  | { type: "again" }
  | { type: "back" }
  | { type: "home" };

/** The next step; an event that makes no sense where one is changes nothing. */
export function flow(step: Step, event: FlowEvent): Step {
  switch (event.type) {
    case "start":
      return step.at === "opening" ? event.step : step;
    case "join":
      return step.at === "home" ? { at: "devices", encounterId: event.encounterId } : step;
    case "request":
      if (step.at !== "home" && step.at !== "after") return step;
      return event.start ? { at: "request", start: event.start } : { at: "request" };
    case "security":
      return step.at === "home" ? { at: "security" } : step;
    case "help":
      return step.at === "home" ? { at: "help" } : step;
    case "admitted":
      return step.at === "help" ? { at: "room", encounterId: event.encounterId } : step;
    case "data":
      return step.at === "home" ? { at: "data" } : step;
    case "intake":
      return step.at === "home" || step.at === "request"
        ? { at: "intake", appointmentId: event.appointmentId }
        : step;
    case "checked":
      return step.at === "devices" ? { at: "room", encounterId: step.encounterId } : step;
    case "ended":
      return step.at === "room"
        ? { at: "after", encounterId: step.encounterId, reason: event.reason }
        : step;
    case "again":
      return step.at === "after" ? { at: "room", encounterId: step.encounterId } : step;
    case "back":
      // A slip of the thumb on a phone must not lose the call without a way back.
      if (step.at === "room") return { ...step, at: "after", reason: "left" };
      return step.at === "opening" ? step : { at: "home" };
    case "home":
      return step.at === "opening" ? step : { at: "home" };
  }
}

/** A reload in the room goes straight back into it, if it can still be joined. */
export function firstStep(remembered: string, joinable: readonly string[]): Step {
  return remembered !== "" && joinable.includes(remembered)
    ? { at: "room", encounterId: remembered }
    : { at: "home" };
}
