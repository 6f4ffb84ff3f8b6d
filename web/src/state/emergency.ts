import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import type { EmergencySettings } from "../api/types";
import { keys } from "./keys";

/** The doctor's own duty. Asked for also in the background: it keeps the session in use. */
export const dutyQuery = queryOptions({
  queryKey: [...keys.duty, "own"],
  queryFn: () => ok(api.GET("/duty")),
  refetchInterval: 60_000,
  refetchIntervalInBackground: true,
});

/** Calls offered to the doctor now. */
export const offersQuery = queryOptions({
  queryKey: keys.offers,
  queryFn: async () => {
    const { items } = await ok(api.GET("/offers"));
    // The server says how long is left, so that a wrong clock here does not matter.
    return items.map((one) => ({ ...one, ends: Date.now() + one.seconds * 1000 }));
  },
  refetchInterval: 20_000,
  refetchIntervalInBackground: true,
});

export const queueQuery = queryOptions({
  queryKey: [...keys.emergencies, "queue"],
  queryFn: async () => (await ok(api.GET("/emergencies"))).items,
  refetchInterval: 15_000,
});

export const onDutyQuery = queryOptions({
  queryKey: [...keys.duty, "all"],
  queryFn: async () => (await ok(api.GET("/duties"))).items,
  refetchInterval: 60_000,
});

export const emergencySettingsQuery = queryOptions({
  queryKey: [...keys.emergencies, "settings"],
  queryFn: () => ok(api.GET("/emergency-settings")),
});

export function useSetDuty() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (until: Date | null) =>
      ok(
        api.PUT("/duty", {
          body: until ? { on: true, until: until.toISOString() } : { on: false },
        }),
      ),
    onSuccess: (duty) => cache.setQueryData(dutyQuery.queryKey, duty),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.offers }),
  });
}

export function useAnswer() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, yes }: { id: string; yes: boolean }) => {
      const params = { path: { id } };
      if (yes) return ok(api.POST("/offers/{id}/accept", { params }));
      await ok(api.POST("/offers/{id}/decline", { params }));
      return null;
    },
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.offers }),
        cache.invalidateQueries({ queryKey: keys.appointments }),
      ]),
  });
}

export type DeskAct =
  | { act: "assign"; id: string; practitionerId: string }
  | { act: "decline"; id: string; reason: string };

export function useDesk() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (step: DeskAct) => {
      const params = { path: { id: step.id } };
      return step.act === "assign"
        ? ok(
            api.POST("/emergencies/{id}/assign", {
              params,
              body: { practitionerId: step.practitionerId },
            }),
          )
        : ok(api.POST("/emergencies/{id}/decline", { params, body: { reason: step.reason } }));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.emergencies }),
  });
}

export function useSaveEmergencySettings() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ version, ...body }: EmergencySettings) =>
      ok(
        api.PUT("/emergency-settings", {
          params: { header: { "If-Match": `"${version ?? 0}"` } },
          body,
        }),
      ),
    onSuccess: (saved) => cache.setQueryData(emergencySettingsQuery.queryKey, saved),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.services }),
  });
}
