import type { QueryClient } from "@tanstack/react-query";
import { staleAfter } from "./keys";

interface LiveLink {
  onLive(fn: (event: { kind: string }) => void): () => void;
  /** Tells when the line is up; false means a new session, before which events may be lost. */
  onSession(fn: (resumed: boolean) => void): () => void;
}

/** Events of one change come in a burst: what they touch is fetched once. */
const gatherMs = 60;

/**
 * Refreshes cached records as the server announces their change, and all of them when
 * the line could not be resumed, because events may have been missed.
 */
export function followLive(
  link: LiveLink,
  cache: Pick<QueryClient, "invalidateQueries">,
  later: (fn: () => void, ms: number) => unknown = (fn, ms) => setTimeout(fn, ms),
): () => void {
  const stale = new Map<string, readonly string[]>();
  let waiting = false;
  let first = true;
  let stopped = false;

  const mark = (roots: readonly (readonly string[])[]) => {
    for (const root of roots) stale.set(root.join("/"), root);
    if (waiting) return;
    waiting = true;
    later(() => {
      waiting = false;
      const due = [...stale.values()];
      stale.clear();
      if (stopped) return;
      for (const queryKey of due) void cache.invalidateQueries({ queryKey });
    }, gatherMs);
  };

  const stopLive = link.onLive((event) => mark(staleAfter(event.kind)));
  const stopSession = link.onSession((resumed) => {
    if (!first && !resumed) mark(staleAfter(""));
    first = false;
  });
  return () => {
    stopped = true;
    stopLive();
    stopSession();
  };
}
