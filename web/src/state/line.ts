import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import type { Link } from "../rtc";
import { openLine } from "./callDesk";
import { keys } from "./keys";
import { followLive } from "./live";

/** up: news come by themselves; lost: they may be missing for now. */
export type LineState = "opening" | "up" | "lost";

const LineContext = createContext<Link | null>(null);

/** Tries of a line that is merely slow are not worth a warning. */
const patience = 2;

/** Keeps this page's one WebSocket open and refreshes what it announces. */
export function LineProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const [link] = useState(openLine);

  useEffect(() => {
    const unfollow = followLive(link, cache);
    const unwatch = link.onState((state) => {
      // The session was ended elsewhere: ask who we are, and show it.
      if (state.status === "closed") void cache.invalidateQueries({ queryKey: keys.me });
    });
    link.start();
    return () => {
      unwatch();
      unfollow();
      link.stop();
    };
  }, [link, cache]);

  return createElement(LineContext, { value: link }, children);
}

export function useLine(): Link {
  const link = useContext(LineContext);
  if (!link) throw new Error("useLine needs a LineProvider above it");
  return link;
}

export function useLineState(): LineState {
  const link = useLine();
  return useSyncExternalStore(
    (listener) => link.onState(listener),
    () => {
      const { status, tries } = link.state;
      if (status === "open") return "up";
      return status === "closed" || tries >= patience ? "lost" : "opening";
    },
  );
}
