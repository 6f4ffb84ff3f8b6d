import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Appointment } from "../../api/types";
import type { Scale } from "../../state/calendarLayout";
import { type Target, targetOf } from "../../state/calendarMove";

/** A press becomes a drag beyond this; less is a press that shook. */
const slackPx = 5;
/** Near an edge of the hours they scroll along. */
const edgePx = 36;

/** A visit in the hand. */
export interface Held extends Target {
  appointment: Appointment;
}

/** Free time being marked. */
export interface Marked {
  column: number;
  from: number;
  to: number;
}

type Taken =
  | { kind: "visit"; appointment: Appointment; x: number; y: number; grabbed: number }
  | { kind: "time"; column: number; from: number; x: number; y: number };

/**
 * Dragging within the grid, by mouse or pen: a visit to another time, or over free time to
 * book it. A finger scrolls instead; it and the keyboard have the menu. Escape lets go.
 */
export function useGridDrag({
  root,
  scale,
  onDrop,
  onMark,
}: {
  /** The scrolling box; its columns carry data-column. */
  root: RefObject<HTMLElement | null>;
  scale: Scale;
  onDrop: (held: Held) => void;
  onMark: (marked: Marked) => void;
}) {
  const [held, setHeld] = useState<Held | null>(null);
  const [marked, setMarked] = useState<Marked | null>(null);
  const stop = useRef<(() => void) | null>(null);
  const draggedAt = useRef(0);
  const live = useRef({ scale, onDrop, onMark });
  live.current = { scale, onDrop, onMark };
  useEffect(() => () => stop.current?.(), []);

  const boxes = () =>
    [...(root.current?.querySelectorAll<HTMLElement>("[data-column]") ?? [])].map((one) =>
      one.getBoundingClientRect(),
    );

  const follow = (taken: Taken) => {
    let dragging = false;
    let now: { held?: Held; marked?: Marked } = {};
    const length =
      taken.kind === "visit"
        ? (Date.parse(taken.appointment.end) - Date.parse(taken.appointment.start)) / 60_000
        : 15;
    const move = (event: globalThis.PointerEvent) => {
      if (!dragging && Math.hypot(event.clientX - taken.x, event.clientY - taken.y) < slackPx)
        return;
      dragging = true;
      scrollAlong(root.current, event.clientY);
      const columns = boxes();
      const top = columns[0]?.top ?? 0;
      const { scale } = live.current;
      if (taken.kind === "visit") {
        const target = targetOf(
          scale,
          columns,
          event.clientX,
          event.clientY - top,
          taken.grabbed,
          length,
        );
        now = { held: { appointment: taken.appointment, ...target } };
        setHeld(now.held ?? null);
      } else {
        const at = scale.quarterAt(event.clientY - top);
        const [from, to] = at < taken.from ? [at, taken.from + 15] : [taken.from, at + 15];
        now = { marked: { column: taken.column, from: Math.max(from, 0), to: Math.min(to, 1440) } };
        setMarked(now.marked ?? null);
      }
    };
    const end = () => {
      stop.current = null;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", key, true);
      setHeld(null);
      setMarked(null);
    };
    const up = () => {
      if (dragging) draggedAt.current = performance.now();
      end();
      if (now.held) live.current.onDrop(now.held);
      else if (now.marked) live.current.onMark(now.marked);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (dragging) draggedAt.current = performance.now();
      end();
    };
    stop.current?.();
    stop.current = end;
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", end);
    addEventListener("keydown", key, true);
  };

  return {
    held,
    marked,
    /** For the press on a visit that may be moved. */
    take(event: PointerEvent<HTMLElement>, appointment: Appointment) {
      if (!byHand(event)) return;
      const grabbed = event.clientY - event.currentTarget.getBoundingClientRect().top;
      follow({ kind: "visit", appointment, x: event.clientX, y: event.clientY, grabbed });
    },
    /** For the press on a column's free time. */
    mark(event: PointerEvent<HTMLElement>, column: number) {
      if (!byHand(event) || event.target !== event.currentTarget) return;
      const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
      const from = scale.quarterAt(y);
      follow({ kind: "time", column, from, x: event.clientX, y: event.clientY });
    },
    /** Whether a click is the end of a drag and no press of its own. */
    justDragged: () => performance.now() - draggedAt.current < 300,
  };
}

const byHand = (event: PointerEvent) => event.pointerType !== "touch" && event.button === 0;

function scrollAlong(box: HTMLElement | null, y: number) {
  if (!box) return;
  const { top, bottom } = box.getBoundingClientRect();
  if (y < top + 2 * edgePx) box.scrollTop -= 14;
  else if (y > bottom - edgePx) box.scrollTop += 14;
}
