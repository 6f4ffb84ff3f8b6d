import { api, ok } from "../api/client";
import { isApiError } from "../api/errors";
import { type JoinTicket, Link, StopError } from "../rtc";
import type { CallDesk } from "./callSession";

/** Refusals that a later try may not meet: the line keeps trying through them. */
const passing = new Set(["network", "internal", "room_unavailable", "too_many"]);

/** Runs a request for a ticket; a refusal for good becomes the SDK's StopError with its code. */
async function ticket<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isApiError(error) && !passing.has(error.code)) throw new StopError(error.code);
    throw error;
  }
}

/** The clinic's API as the call needs it. */
export const desk: CallDesk = {
  ticket: (encounterId) =>
    ticket(async (): Promise<JoinTicket> => {
      const got = await ok(
        api.POST("/encounters/{id}/join", { params: { path: { id: encounterId } } }),
      );
      return { ...got, iceServers: got.iceServers.map((server) => ({ ...server })) };
    }),
  async admit(encounterId, identity) {
    await ok(
      api.POST("/encounters/{id}/admit", {
        params: { path: { id: encounterId } },
        body: { identity },
      }),
    );
  },
  async finish(encounterId) {
    await ok(api.POST("/encounters/{id}/finish", { params: { path: { id: encounterId } } }));
  },
};

/** The one line of this page to the server, not yet started. */
export function openLine(): Link {
  return new Link({
    url: `${location.origin}/ws`,
    ticket: () => ticket(async () => (await ok(api.POST("/live"))).grant),
  });
}
