import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import { keys } from "./keys";

/** The free time that a follow-up would be booked at now. */
export const useSuggestion = (id: string, days: number) =>
  useQuery({
    // Under the appointments: what is booked is no longer free.
    queryKey: [...keys.appointments, "follow-up", id, days],
    queryFn: () =>
      ok(api.GET("/appointments/{id}/follow-up", { params: { path: { id }, query: { days } } })),
    retry: false,
  });

/** Books the follow-up at the time that was suggested. */
export function useFollowUp(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ start, key }: { start: string; key: string }) =>
      ok(
        api.POST("/appointments/{id}/follow-up", {
          params: { path: { id }, header: { "Idempotency-Key": key } },
          body: { start },
        }),
      ),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.appointments }),
  });
}
