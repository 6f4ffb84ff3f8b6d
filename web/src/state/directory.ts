import { queryOptions } from "@tanstack/react-query";
import { api, ok } from "../api/client";
import { keys } from "./keys";

const staleTime = 60_000;

export const practitionersQuery = queryOptions({
  queryKey: keys.practitioners,
  queryFn: async () => (await ok(api.GET("/practitioners"))).items,
  staleTime,
});

export const servicesQuery = queryOptions({
  queryKey: keys.services,
  queryFn: async () => (await ok(api.GET("/services"))).items,
  staleTime,
});

export const patientsQuery = queryOptions({
  queryKey: keys.patients,
  queryFn: async () => (await ok(api.GET("/patients"))).items,
  staleTime,
});

/** Times that the doctor's hours leave free for a service between two instants. */
export const slotsQuery = (query: {
  serviceId: string;
  practitionerId: string;
  from: string;
  to: string;
}) =>
  queryOptions({
    // Under the appointments: what is booked is no longer free.
    queryKey: [...keys.appointments, "slots", query],
    queryFn: async () => (await ok(api.GET("/slots", { params: { query } }))).items,
    enabled: query.serviceId !== "" && query.practitionerId !== "",
  });

export const cardQuery = (patientId: string) =>
  queryOptions({
    queryKey: [...keys.card, patientId],
    queryFn: () => ok(api.GET("/patients/{id}/card", { params: { path: { id: patientId } } })),
    // What an open consultation showed must not outlive it in memory.
    gcTime: 0,
  });

export const encounterQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.encounter, id],
    queryFn: () => ok(api.GET("/encounters/{id}", { params: { path: { id } } })),
    gcTime: 0,
  });
