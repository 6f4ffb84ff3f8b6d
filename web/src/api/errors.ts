import type { Problem } from "./types";

/** A request that the server refused, or that did not reach it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Stable name to branch on, the server's `code`; "network" when there was no answer. */
  readonly code: string;
  /** Field pointers, such as "/start", with what is wrong there. */
  readonly fields: ReadonlyMap<string, string>;
  readonly traceId: string | undefined;
  /** Seconds to wait before another try, when the server said so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? problem.code ?? `status ${status}`);
    this.status = status;
    this.code = problem.code ?? (status === 0 ? "network" : "internal");
    this.fields = new Map((problem.errors ?? []).map((e) => [e.pointer, e.detail]));
    this.traceId = problem.traceId;
    this.retryAfter = problem.retryAfter;
  }
}

export function isApiError(error: unknown, ...codes: string[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}

/** The key of a sentence about an error, under `error.` of the strings. */
export function errorKey(error: unknown): string {
  return error instanceof ApiError ? `error.${error.code}` : "error.internal";
}
