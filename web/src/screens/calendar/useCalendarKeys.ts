import { useEffect, useRef } from "react";
import { keysAreOn } from "../../state/calendarKeys";
import type { View } from "./views";

const byKey: Record<string, View> = {
  d: "day",
  w: "week",
  m: "month",
  a: "agenda",
  b: "board",
};

/** Where a letter is text, or a choice of the platform's own list. */
const typing = "input, textarea, select, [contenteditable], dialog, [role=dialog], [role=listbox]";

/**
 * Single keys of the calendar: the views by their letters, T for today, Page Up and Down for
 * what is before and after. By their place on the keyboard, so that they work in every
 * layout; they can be turned off.
 */
export function useCalendarKeys(handlers: {
  onView: (view: View) => void;
  onToday: () => void;
  onStep: (direction: 1 | -1) => void;
  enabled: boolean;
}) {
  const live = useRef(handlers);
  live.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { onView, onToday, onStep, enabled } = live.current;
      if (!enabled || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey)
        return;
      if (event.target instanceof Element && event.target.closest(typing)) return;
      if (event.key === "PageUp" || event.key === "PageDown") {
        event.preventDefault();
        onStep(event.key === "PageUp" ? -1 : 1);
        return;
      }
      if (!keysAreOn() || event.shiftKey || event.repeat) return;
      const letter = event.code.replace(/^Key/, "").toLowerCase();
      const view = byKey[letter];
      if (view) onView(view);
      else if (letter === "t") onToday();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
