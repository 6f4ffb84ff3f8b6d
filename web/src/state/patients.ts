import { queryOptions } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import { keys } from "./keys";

export const invitationsQuery = queryOptions({
  queryKey: keys.invitations,
  queryFn: () => ok(api.GET("/invitations")),
  gcTime: 0,
});

export const breakGlassQuery = queryOptions({
  queryKey: keys.breakGlass,
  queryFn: async () => (await ok(api.GET("/break-glass"))).items,
  gcTime: 0,
});

/** Consultations that a doctor was asked to join. */
export const jointQuery = queryOptions({
  queryKey: keys.joint,
  queryFn: async () => (await ok(api.GET("/joint"))).items,
});

/** Whether a patient can be erased, and what the law keeps of them. */
export const erasureQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.patients, id, "erasure"],
    queryFn: () => ok(api.GET("/patients/{id}/erasure", { params: { path: { id } } })),
    gcTime: 0,
    staleTime: 0,
  });
