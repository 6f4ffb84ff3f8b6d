import type { ServiceUpdate } from "./staff";

export type Steps = ServiceUpdate["cancelPolicy"];

/** A step as it is typed. */
export interface DraftStep {
  hours: string;
  percent: string;
}

const text = (value: number) => String(Math.round(value * 100) / 100);

export const draftOf = (steps: Steps): DraftStep[] =>
  steps.map(({ beforeMin, refundPercent }) => ({
    hours: text(beforeMin / 60),
    percent: text(refundPercent),
  }));

const number = (typed: string) => {
  const clean = typed.trim().replace(",", ".");
  return /^\d+(\.\d+)?$/.test(clean) ? Number(clean) : Number.NaN;
};

export const maxHours = 90 * 24;

/** What is wrong with a policy, by row: each later step gives back less. */
export function faultOf(draft: readonly DraftStep[]): { row: number; fault: string } | undefined {
  for (const [row, step] of draft.entries()) {
    const hours = number(step.hours);
    const percent = number(step.percent);
    const before = draft[row - 1];
    if (!(hours >= 0 && hours <= maxHours)) return { row, fault: "hours" };
    if (!(percent >= 0 && percent <= 100) || !Number.isInteger(percent)) {
      return { row, fault: "percent" };
    }
    if (before && (hours >= number(before.hours) || percent > number(before.percent))) {
      return { row, fault: "order" };
    }
  }
  return undefined;
}

export const stepsOf = (draft: readonly DraftStep[]): Steps =>
  draft.map(({ hours, percent }) => ({
    beforeMin: Math.round(number(hours) * 60),
    refundPercent: number(percent),
  }));

/** The next step below the last one. */
export function nextStep(draft: readonly DraftStep[]): DraftStep {
  const last = draft.at(-1);
  if (!last) return { hours: "24", percent: "100" };
  return { hours: text(number(last.hours) / 2 || 0), percent: text(number(last.percent) / 2 || 0) };
}
