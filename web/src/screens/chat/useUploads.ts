import { useCallback, useEffect, useReducer, useRef } from "react";
import { largestFile, uploadFile } from "../../api/files";
import { codeOf } from "../../state/callSession";
import { type Upload, uploads } from "./uploads";

/** Sends files one by one with progress; those under way stop with the screen. */
export function useUploads(encounterId: string): {
  list: readonly Upload[];
  send: (files: Iterable<File>) => void;
  drop: (id: string) => void;
} {
  const [list, tell] = useReducer(uploads, []);
  const running = useRef(new Map<string, AbortController>());
  const next = useRef(0);

  useEffect(() => {
    const all = running.current;
    return () => {
      for (const one of all.values()) one.abort();
      all.clear();
    };
  }, []);

  const send = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        next.current += 1;
        const id = String(next.current);
        tell({ type: "started", id, name: file.name, size: file.size });
        if (file.size > largestFile) {
          tell({ type: "failed", id, code: "too_large" });
          continue;
        }
        const stop = new AbortController();
        running.current.set(id, stop);
        uploadFile(encounterId, file, {
          signal: stop.signal,
          onProgress: (share) => tell({ type: "moved", id, share }),
        })
          .then(() => tell({ type: "gone", id }))
          .catch((error: unknown) => {
            if (!stop.signal.aborted) tell({ type: "failed", id, code: codeOf(error) });
          })
          .finally(() => running.current.delete(id));
      }
    },
    [encounterId],
  );

  const drop = useCallback((id: string) => {
    running.current.get(id)?.abort();
    tell({ type: "gone", id });
  }, []);

  return { list, send, drop };
}
