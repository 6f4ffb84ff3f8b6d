import type { SectionName } from "../../api/types";

/** The order in which a conclusion is written and read. */
export const sectionOrder: readonly SectionName[] = [
  "complaint",
  "anamnesis",
  "findings",
  "diagnosisCode",
  "diagnosis",
  "plan",
];
