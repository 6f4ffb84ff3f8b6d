import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { api, ok } from "../api/client";
import { ApiError } from "../api/errors";
import type { Composition } from "../api/types";
import { Draft, type DraftState } from "./draft";
import { keys } from "./keys";

const path = (id: string) => ({ path: { id } });
const match = (version: number) => ({ "If-Match": `"${version}"` });

export const compositionQuery = (encounterId: string) =>
  queryOptions({
    queryKey: [...keys.composition, encounterId],
    queryFn: () => ok(api.GET("/encounters/{id}/composition", { params: path(encounterId) })),
    // The editor holds the newest text; refetching under it would only confuse.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export function signComposition(encounterId: string, version: number): Promise<Composition> {
  return ok(
    api.POST("/encounters/{id}/composition/sign", {
      params: { ...path(encounterId), header: match(version) },
    }),
  );
}

/** The draft of one conclusion; what is unsaved is sent when the page is left. */
export function useDraft(initial: Composition): [Draft, DraftState] {
  const cache = useQueryClient();
  const { encounterId } = initial;
  const [draft] = useState(
    () =>
      new Draft(initial, {
        save: (sections, version) =>
          ok(
            api.PUT("/encounters/{id}/composition", {
              params: { ...path(encounterId), header: match(version) },
              body: { sections },
            }),
          ),
        load: () => ok(api.GET("/encounters/{id}/composition", { params: path(encounterId) })),
        codeOf: (error) => (error instanceof ApiError ? error.code : "internal"),
      }),
  );
  const state = useSyncExternalStore(draft.subscribe, draft.getSnapshot);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (draft.getSnapshot().phase === "saved" || draft.getSnapshot().phase === "closed") return;
      void draft.flush();
      event.preventDefault();
    };
    const hidden = () => {
      if (document.visibilityState === "hidden") void draft.flush();
    };
    window.addEventListener("beforeunload", warn);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      window.removeEventListener("beforeunload", warn);
      document.removeEventListener("visibilitychange", hidden);
      if (draft.getSnapshot().phase === "closed") return;
      void draft.flush().then(() => cache.invalidateQueries({ queryKey: keys.composition }));
    };
  }, [draft, cache]);

  return [draft, state];
}
