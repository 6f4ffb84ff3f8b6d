import {
  keepPreviousData,
  type QueryClient,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { api, idempotencyKey, ok } from "../api/client";
import type { Appointment, Me } from "../api/types";
import { type CalendarFilter, passes } from "./calendarFilter";
import { moved, withMoved } from "./calendarMove";
import { keys } from "./keys";

/** Those who see and plan the days of all doctors of the clinic. */
export const seesAll = (role: Me["role"]) => role === "clinic_admin" || role === "registrar";

/** More visits than these are not drawn: nobody reads them, and a filter finds what is meant. */
export const mostShown = 1000;
const pageSize = 200;

export interface Shown {
  items: readonly Appointment[];
  /** There are more than were fetched. */
  more: boolean;
}

async function list(from: string, to: string, practitionerId: string): Promise<Shown> {
  const items: Appointment[] = [];
  let cursor: string | undefined;
  do {
    const query = {
      from,
      to,
      limit: pageSize,
      ...(practitionerId ? { practitionerId } : {}),
      ...(cursor ? { cursor } : {}),
    };
    const page = await ok(api.GET("/appointments", { params: { query } }));
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < mostShown);
  return { items, more: Boolean(cursor) };
}

const calendarKey = [...keys.appointments, "calendar"] as const;

/** Visits of a range, of one doctor or of several; "" is all that the viewer may see. */
export function useVisits(from: Date, to: Date, doctors: readonly string[], enabled = true) {
  const range = [from.toISOString(), to.toISOString()] as const;
  const combine = useMemo(
    () => (results: { data: Shown | undefined; error: Error | null; refetch: () => unknown }[]) => {
      const parts = results.map(({ data }) => data);
      const known = parts.every((part) => part !== undefined);
      const items = parts.flatMap((part) => part?.items ?? []);
      return {
        data: known
          ? {
              items: parts.length > 1 ? items.sort(byStart) : items,
              more: parts.some((part) => part?.more),
            }
          : undefined,
        error: results.find(({ error }) => error)?.error ?? null,
        refetch: () => {
          for (const result of results) result.refetch();
        },
      };
    },
    [],
  );
  return useQueries({
    queries: doctors.map((doctor) => ({
      queryKey: [...calendarKey, ...range, doctor],
      queryFn: () => list(...range, doctor),
      placeholderData: keepPreviousData,
      // Actions such as joining open by the clock, without an event.
      refetchInterval: 60_000,
      enabled,
    })),
    combine,
  });
}

const byStart = (a: Appointment, b: Appointment) => a.start.localeCompare(b.start);

/** Numbers of visits, by day and state. */
export function useDayCounts(
  from: string,
  to: string,
  { doctor, service, modality }: CalendarFilter,
  enabled: boolean,
) {
  const query = {
    from,
    to,
    ...(doctor ? { practitionerId: doctor } : {}),
    ...(service ? { serviceId: service } : {}),
    ...(modality ? { modality } : {}),
  };
  return useQuery({
    queryKey: [...keys.appointments, "days", query],
    queryFn: async () => {
      const { items } = await ok(api.GET("/appointments/days", { params: { query } }));
      return new Map(items.map(({ date, counts }) => [date, counts]));
    },
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** What waits to be done, by stage. */
export function useBoard({ doctor, service, modality }: CalendarFilter, enabled = true) {
  const query = {
    limit: 50,
    ...(doctor ? { practitionerId: doctor } : {}),
    ...(service ? { serviceId: service } : {}),
    ...(modality ? { modality } : {}),
  };
  return useQuery({
    queryKey: [...keys.appointments, "board", query],
    queryFn: async () => (await ok(api.GET("/appointments/board", { params: { query } }))).stages,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    enabled,
  });
}

/** A doctor's visits ahead that the hours do not cover. */
export const useOutside = (practitionerId: string) =>
  useQuery({
    queryKey: [...keys.appointments, "outside", practitionerId],
    queryFn: async () => {
      const params = { path: { id: practitionerId } };
      return (await ok(api.GET("/practitioners/{id}/schedule/outside", { params }))).items;
    },
  });

/** A visit and where it goes. */
export interface Move {
  appointment: Appointment;
  start: Date;
  /** Another doctor; without it the same. */
  practitioner?: { id: string; name: string; specialty: string } | undefined;
}

/** Shows a visit at its new place at once; gives back what undoes it. */
export function showMoved(cache: QueryClient, { appointment, start, practitioner }: Move) {
  const next = moved({ ...appointment, ...(practitioner ? { practitioner } : {}) }, start);
  const before = cache.getQueriesData<Shown>({ queryKey: calendarKey });
  for (const [key, shown] of before) {
    const [from, to, doctor] = key.slice(calendarKey.length).map(String);
    if (!shown || !from || !to) continue;
    const mine = !doctor || doctor === next.practitioner.id;
    const items = mine
      ? withMoved(shown.items, next, from, to)
      : shown.items.filter(({ id }) => id !== next.id);
    cache.setQueryData<Shown>(key, { ...shown, items });
  }
  return () => {
    for (const [key, shown] of before) cache.setQueryData(key, shown);
  };
}

/** Moves a visit: shown at once, taken back when the server refuses. */
export function useMoveVisit() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ appointment, start, practitioner }: Move): Promise<Appointment> =>
      ok(
        api.POST(
          "/appointments/{id}/reschedule" as "/appointments/{id}/check-in",
          {
            params: {
              path: { id: appointment.id },
              header: {
                "If-Match": `"${appointment.version}"`,
                "Idempotency-Key": idempotencyKey(),
              },
            },
            body: {
              start: start.toISOString(),
              ...(practitioner ? { practitionerId: practitioner.id } : {}),
            },
          } as never,
        ),
      ),
    onMutate: async (move) => {
      // An answer on its way would bring the old place back.
      await cache.cancelQueries({ queryKey: calendarKey });
      return { undo: showMoved(cache, move) };
    },
    onError: (_error, _move, context) => context?.undo(),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.appointments }),
  });
}

/** What the filter leaves; a visit that has moved is shown at its new place only. */
export function visibleIn(items: readonly Appointment[], filter: CalendarFilter) {
  return items.filter(
    (item) => (item.status !== "rescheduled" || filter.stage === "off") && passes(item, filter),
  );
}

/** Whether the viewer may move a visit now. */
export const movable = ({ actions }: Appointment) =>
  (actions as readonly string[]).includes("reschedule");
