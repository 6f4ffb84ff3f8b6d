import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { QuestionKind, Questionnaire, QuestionText } from "../api/types";
import { keys } from "./keys";

export const questionKinds: readonly QuestionKind[] = [
  "text",
  "long_text",
  "yes_no",
  "one_of",
  "several_of",
  "number",
  "date",
];

export const questionnaireQuery = (serviceId: string) =>
  queryOptions({
    queryKey: [...keys.services, "questions", serviceId],
    queryFn: () =>
      ok(api.GET("/clinic/services/{id}/questionnaire", { params: { path: { id: serviceId } } })),
    // The editor holds the newest words; fetching under it would only confuse.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export function useSaveQuestionnaire(serviceId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ version, questions }: { version: number; questions: QuestionText[] }) =>
      ok(
        api.PUT("/clinic/services/{id}/questionnaire", {
          params: { path: { id: serviceId }, header: { "If-Match": `"${version}"` } },
          body: { questions },
        }),
      ),
    onSuccess: (saved: Questionnaire) =>
      cache.setQueryData(questionnaireQuery(serviceId).queryKey, saved),
  });
}

const freshId = () => crypto.randomUUID().slice(0, 8);

export function newQuestion(): QuestionText {
  return { id: freshId(), kind: "text", label: {}, required: false };
}

export function newOption(): { id: string; label: Record<string, string> } {
  return { id: freshId(), label: {} };
}

export const hasOptions = (kind: QuestionKind) => kind === "one_of" || kind === "several_of";

/** The same question answered in another way; what belongs to the old way only goes. */
export function withKind(question: QuestionText, kind: QuestionKind): QuestionText {
  const { options, unit, min, max, ...rest } = question;
  const next: QuestionText = { ...rest, kind };
  if (hasOptions(kind)) next.options = options ?? [newOption(), newOption()];
  if (kind === "number") {
    if (unit) next.unit = unit;
    if (min !== undefined) next.min = min;
    if (max !== undefined) next.max = max;
  }
  return next;
}

/** A list with one of its members moved by some places; the same when it can't be. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const out = [...list];
  const to = from + by;
  const [one] = out.slice(from, from + 1);
  if (one === undefined || to < 0 || to >= out.length) return out;
  out.splice(from, 1);
  out.splice(to, 0, one);
  return out;
}

/** Pointers to what is still missing, as the server would name them. */
export function emptyParts(questions: readonly QuestionText[], language: string): string[] {
  const blank = (text: Record<string, string> | undefined) => !text?.[language]?.trim();
  return questions.flatMap((question, i) => [
    ...(blank(question.label) ? [`/questions/${i}/label/${language}`] : []),
    ...(question.options ?? []).flatMap((option, j) =>
      blank(option.label) ? [`/questions/${i}/options/${j}/label/${language}`] : [],
    ),
  ]);
}
