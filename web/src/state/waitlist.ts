import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { components } from "../api/schema";
import { keys } from "./keys";

export type Wish = components["schemas"]["WaitWish"];

/** Who waits for a free time, by turn. */
export const waitlistQuery = queryOptions({
  queryKey: keys.waitlist,
  queryFn: async () => (await ok(api.GET("/waitlist"))).items,
});

export function useWaitlist() {
  const cache = useQueryClient();
  const settle = { onSettled: () => cache.invalidateQueries({ queryKey: keys.waitlist }) };
  return {
    join: useMutation({
      mutationFn: (wish: Wish) => ok(api.POST("/waitlist", { body: wish })),
      ...settle,
    }),
    leave: useMutation({
      mutationFn: (id: string) => ok(api.DELETE("/waitlist/{id}", { params: { path: { id } } })),
      ...settle,
    }),
  };
}
