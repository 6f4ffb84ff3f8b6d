import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import { isApiError } from "../api/errors";
import type { CardPart, Intake, Sections } from "../api/types";
import { keys } from "./keys";

/** What the patient told before a visit, for its doctor; each fetching is on the audit trail. */
export const intakeQuery = (appointmentId: string) =>
  queryOptions({
    queryKey: [...keys.intake, appointmentId],
    queryFn: () =>
      ok(api.GET("/appointments/{id}/intake", { params: { path: { id: appointmentId } } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Accepts or refuses what the patient says about the card. */
export function useDecide(appointmentId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { part: CardPart; accept: boolean }) =>
      ok(
        api.POST("/appointments/{id}/intake/corrections", {
          params: { path: { id: appointmentId } },
          body,
        }),
      ),
    onSuccess: (intake) => {
      cache.setQueryData(intakeQuery(appointmentId).queryKey, intake);
      void cache.invalidateQueries({ queryKey: keys.card });
    },
  });
}

/** Text for sections of the conclusion. */
export type Words = Partial<Pick<Sections, "complaint" | "anamnesis">>;

/** Puts text at the end of sections that do not have it yet; null when all of them do. */
export function takeOver(sections: Sections, words: Words): Sections | null {
  const out = { ...sections };
  let changed = false;
  for (const name of ["complaint", "anamnesis"] as const) {
    const text = words[name]?.trim();
    if (!text || out[name].includes(text)) continue;
    out[name] = [out[name].trimEnd(), text].filter(Boolean).join("\n");
    changed = true;
  }
  return changed ? out : null;
}

/** Takes what the patient told over into the draft of the conclusion, wherever it is edited. */
export function useTakeOver(encounterId: string) {
  return useMutation({
    mutationFn: async (words: Words): Promise<boolean> => {
      const params = { path: { id: encounterId } };
      for (let tries = 0; ; tries++) {
        const { sections, version } = await ok(api.GET("/encounters/{id}/composition", { params }));
        const next = takeOver(sections, words);
        if (!next) return false;
        try {
          await ok(
            api.PUT("/encounters/{id}/composition", {
              params: { ...params, header: { "If-Match": `"${version}"` } },
              body: { sections: next },
            }),
          );
          return true;
        } catch (error) {
          if (tries > 2 || !isApiError(error, "version_stale")) throw error;
        }
      }
    },
  });
}

export interface Line {
  label: string;
  text: string;
}

/** The answers as one reads them, in the order of the questions. */
export function linesOf(
  { questions, answers }: Pick<Intake, "questions" | "answers">,
  words: { yes: string; no: string; date: (day: string) => string },
): Line[] {
  const said = new Map(answers.map(({ question, values }) => [question, values]));
  return questions.flatMap(({ id, kind, label, options, unit }) => {
    const values = said.get(id) ?? [];
    const [first] = values;
    if (first === undefined) return [];
    const names = new Map(options.map((one) => [one.id, one.label]));
    let text = first;
    if (kind === "yes_no") text = first === "yes" ? words.yes : words.no;
    else if (kind === "date") text = words.date(first);
    else if (kind === "number" && unit) text = `${first} ${unit}`;
    else if (names.size > 0) text = values.map((one) => names.get(one) ?? one).join(", ");
    return [{ label, text }];
  });
}
