import { api, ok } from "../api/client";
import { isApiError } from "../api/errors";
import type { Me } from "../api/types";

export type Entry = "visit" | "guest" | "invite";

/** Which of the doors this address is. */
export function entryOf(path: string): Entry {
  if (path.startsWith("/invite")) return "invite";
  return path.startsWith("/guest") ? "guest" : "visit";
}

/** Whether the address ends in a link's secret, and not in a place on the page. */
export function hasToken(place: Pick<Location, "hash">): boolean {
  return place.hash.length > 1 && place.hash !== "#main";
}

/** Takes the link's secret out of the address, so that neither history nor a screenshot keeps it. */
export function takeToken(place: Location = location, past: History = history): string {
  if (!hasToken(place)) return "";
  const token = place.hash.slice(1);
  past.replaceState(null, "", place.pathname);
  return token;
}

/** Opens a link that is followed on its own page: the browser only changes the address then. */
export function followLinks(): void {
  window.addEventListener("hashchange", () => {
    if (hasToken(location)) location.reload();
  });
}

/**
 * Signs in by the link's secret, or goes on with the session there is. Null when there is
 * neither; throws an ApiError "link_invalid" for a wrong link.
 */
export async function signIn(entry: Entry, token: string): Promise<Me | null> {
  if (token === "") {
    try {
      return await ok(api.GET("/me"));
    } catch (error) {
      if (isApiError(error, "unauthenticated")) return null;
      throw error;
    }
  }
  const body = { token };
  try {
    return entry === "guest"
      ? await ok(api.POST("/sessions/guest", { body }))
      : await ok(api.POST("/sessions/visit", { body }));
  } catch (error) {
    if (!isApiError(error, "link_invalid")) throw error;
    // The demo clinic's sign-in links are of a kind of their own; elsewhere there are none.
    return ok(api.POST("/sessions/demo", { body })).catch(() => {
      throw error;
    });
  }
}
