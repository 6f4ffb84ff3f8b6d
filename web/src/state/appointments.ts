import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api, idempotencyKey, ok } from "../api/client";
import type { Action, Appointment, Booking } from "../api/types";
import { keys } from "./keys";

const pageSize = 200;

async function listAll(from: string, to: string): Promise<Appointment[]> {
  const all: Appointment[] = [];
  let cursor: string | undefined;
  do {
    const query = { from, to, limit: pageSize, ...(cursor ? { cursor } : {}) };
    const page = await ok(api.GET("/appointments", { params: { query } }));
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}

/** Appointments that touch the time between two instants, by start. */
export function useAppointments(from: Date, to: Date) {
  const range = [from.toISOString(), to.toISOString()] as const;
  return useQuery({
    queryKey: [...keys.appointments, ...range],
    queryFn: () => listAll(...range),
    placeholderData: keepPreviousData,
    // Actions such as joining open by the clock, without an event.
    refetchInterval: 60_000,
  });
}

export const appointmentQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.appointments, "one", id],
    queryFn: () => ok(api.GET("/appointments/{id}", { params: { path: { id } } })),
    refetchInterval: 60_000,
  });

/** Changes of an appointment that are a single request. */
export type Step =
  | { action: "check_in" | "leave" | "no_show"; id: string }
  | { action: "cancel" | "decline"; id: string; version: number; reason: string }
  | { action: "confirm"; id: string; version: number; waiverReason: string }
  | { action: "finish"; id: string; encounterId: string };

/** The header by which a change is refused when somebody else changed the visit meanwhile. */
export const seen = (version: number) => ({ "If-Match": `"${version}"` });

async function take(step: Step): Promise<void> {
  const path = { id: step.id };
  const params = { path };
  const decided = "version" in step ? { path, header: seen(step.version) } : params;
  switch (step.action) {
    case "check_in":
      await ok(api.POST("/appointments/{id}/check-in", { params }));
      return;
    case "leave":
      await ok(api.POST("/appointments/{id}/leave", { params }));
      return;
    case "no_show":
      await ok(api.POST("/appointments/{id}/no-show", { params }));
      return;
    case "cancel":
      await ok(
        api.POST("/appointments/{id}/cancel", { params: decided, body: { reason: step.reason } }),
      );
      return;
    case "decline":
      await ok(
        api.POST("/appointments/{id}/decline", { params: decided, body: { reason: step.reason } }),
      );
      return;
    case "confirm": {
      const body = step.waiverReason ? { waiverReason: step.waiverReason } : {};
      await ok(api.POST("/appointments/{id}/confirm", { params: decided, body }));
      return;
    }
    case "finish":
      await ok(api.POST("/encounters/{id}/finish", { params: { path: { id: step.encounterId } } }));
  }
}

/** Takes a step and refreshes all that shows the appointment, also when it was refused. */
export function useStep() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: take,
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.appointments }),
        cache.invalidateQueries({ queryKey: keys.encounter }),
        cache.invalidateQueries({ queryKey: keys.card }),
      ]),
  });
}

export function useBook() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ booking, key }: { booking: Booking; key: string }) =>
      ok(
        api.POST("/appointments", {
          params: { header: { "Idempotency-Key": key } },
          body: booking,
        }),
      ),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.appointments }),
  });
}

export { idempotencyKey };

/** What a member of staff most likely wants to do next, best first. */
const order: readonly Action[] = ["join", "sign", "write", "open_card", "finish"];

/** The action to offer as the main button; null when nothing is waiting for the viewer. */
export function nextAction(actions: readonly Action[]): Action | null {
  return order.find((action) => actions.includes(action)) ?? null;
}
