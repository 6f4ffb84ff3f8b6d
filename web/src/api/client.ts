import createClient from "openapi-fetch";
import { ApiError } from "./errors";
import type { paths } from "./schema";
import type { Problem } from "./types";

let language = "en";

/** The language in which the server answers what a clinic wrote in several. */
export function setApiLanguage(value: string): void {
  language = value;
}

/** Refuses with an ApiError when there is no answer at all. */
async function reach(request: Request): Promise<Response> {
  request.headers.set("Accept-Language", language);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {});
  }
}

/** The server's API, typed by docs/openapi.json. Wrap calls in `ok`. */
export const api = createClient<paths>({
  baseUrl: `${globalThis.location?.origin ?? "http://localhost"}/api/v1`,
  credentials: "same-origin",
  fetch: reach,
});

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of a good answer; anything else is thrown as an ApiError. */
export async function ok<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ApiError(response.status, (error ?? {}) as Partial<Problem>);
  return data as T;
}

/** A key for one intention to change something; repeat the request with the same key. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}
