/** Roots of the query cache; a live event marks everything under a root as stale. */
export const keys = {
  me: ["me"] as const,
  config: ["config"] as const,
  appointments: ["appointments"] as const,
  encounter: ["encounter"] as const,
  composition: ["composition"] as const,
  card: ["card"] as const,
  patients: ["patients"] as const,
  practitioners: ["practitioners"] as const,
  services: ["services"] as const,
  schedule: ["schedule"] as const,
  security: ["security"] as const,
  sessions: ["sessions"] as const,
  tokens: ["tokens"] as const,
  emergencies: ["emergencies"] as const,
  offers: ["offers"] as const,
  duty: ["duty"] as const,
  waitlist: ["waitlist"] as const,
  intake: ["intake"] as const,
  invitations: ["invitations"] as const,
  breakGlass: ["break-glass"] as const,
  joint: ["joint"] as const,
};

/** What a change of one kind of record makes stale. An unknown kind refreshes everything. */
const affected: Record<string, readonly (readonly string[])[]> = {
  intake: [keys.intake],
  questionnaire: [keys.services],
  appointment: [keys.intake, keys.appointments, keys.encounter, keys.card, keys.joint],
  encounter: [keys.appointments, keys.encounter, keys.card, keys.joint],
  // The editor holds the newest draft itself; the card shows signed ones.
  composition: [keys.card, keys.appointments],
  document: [keys.card],
  invitation: [keys.invitations],
  break_glass: [keys.breakGlass, keys.card],
  card: [keys.card, keys.encounter],
  message: [keys.encounter],
  patient: [keys.patients, keys.card],
  practitioner: [keys.practitioners],
  staff: [keys.practitioners],
  clinic: [keys.me],
  service: [keys.services],
  // Free times hang under the appointments.
  schedule: [keys.schedule, keys.appointments],
  emergency: [keys.emergencies, keys.appointments],
  offer: [keys.offers],
  wait: [keys.waitlist, keys.appointments],
  duty: [keys.duty, keys.emergencies],
};

export function staleAfter(kind: string): readonly (readonly string[])[] {
  return affected[kind] ?? Object.values(keys).filter((key) => key !== keys.composition);
}
