import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { Schedule, ScheduleUpdate } from "../api/types";
import { keys } from "./keys";

/** When a doctor can be booked. */
export const scheduleQuery = (practitionerId: string) =>
  queryOptions({
    queryKey: [...keys.schedule, practitionerId],
    queryFn: () =>
      ok(api.GET("/practitioners/{id}/schedule", { params: { path: { id: practitionerId } } })),
    enabled: practitionerId !== "",
    staleTime: 60_000,
  });

/** Replaces a doctor's hours; refused with "version_stale" when they are not what was edited. */
export function useSetSchedule(practitionerId: string) {
  const cache = useQueryClient();
  const { queryKey } = scheduleQuery(practitionerId);
  return useMutation({
    mutationFn: ({ version, body }: { version: number; body: ScheduleUpdate }) =>
      ok(
        api.PUT("/practitioners/{id}/schedule", {
          params: { path: { id: practitionerId }, header: { "If-Match": `"${version}"` } },
          body,
        }),
      ),
    onSuccess: (saved: Schedule) => {
      cache.setQueryData(queryKey, saved);
      void cache.invalidateQueries({ queryKey: keys.appointments });
    },
    // What stands on the server decides; it may have changed there.
    onError: () => cache.invalidateQueries({ queryKey }),
  });
}
