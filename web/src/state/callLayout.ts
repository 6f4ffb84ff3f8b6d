/**
 * Where the pictures of a call go. Pure geometry: sizes in CSS pixels in,
 * rectangles out; the stage only places what this file decides.
 */

/** One person on the stage. */
export interface Seat {
  id: string;
  self: boolean;
  role: string;
}

export type Mode = "alone" | "pair" | "grid" | "share";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  mode: Mode;
  /** The shared screen's place, in mode "share" only. */
  share: Box | undefined;
  /** Places of people by their id. In "alone" and "pair" one's own picture floats and has no place. */
  seats: { id: string; box: Box }[];
  /** One's own picture floats in a corner. */
  floating: boolean;
}

export interface Room {
  width: number;
  height: number;
  gap: number;
}

/** A tile is never wider than this, nor narrower: faces are cropped beyond it. */
const widest = 16 / 9;
const narrowest = 4 / 5;

/** The strip beside a shared screen takes at most this part of the room. */
const stripShare = 0.24;
const stripMin = 96;
const stripMax = 260;

/**
 * Interpreters and relatives come first after the clinician and the patient's
 * own order is kept otherwise: who signs must never slide out of sight.
 */
const rank: Record<string, number> = { practitioner: 0, guest: 1, patient: 2 };

/** Orders people so that the same person keeps the same place on every screen. */
export function order(seats: readonly Seat[]): Seat[] {
  return [...seats].sort((a, b) => {
    if (a.self !== b.self) return a.self ? 1 : -1;
    const byRole = (rank[a.role] ?? 3) - (rank[b.role] ?? 3);
    if (byRole !== 0) return byRole;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  });
}

/** Chooses the mode and the places for the people present. */
export function arrange(seats: readonly Seat[], sharing: boolean, room: Room): Layout {
  const people = order(seats);
  const others = people.filter((seat) => !seat.self);
  if (sharing) return withShare(people, room);
  const whole: Box = { x: 0, y: 0, width: room.width, height: room.height };
  const first = others[0];
  if (!first) return { mode: "alone", share: undefined, seats: [], floating: true };
  if (others.length === 1) {
    return {
      mode: "pair",
      share: undefined,
      seats: [{ id: first.id, box: whole }],
      floating: true,
    };
  }
  return { mode: "grid", share: undefined, seats: place(people, whole, room.gap), floating: false };
}

function withShare(people: Seat[], room: Room): Layout {
  const beside = room.width > room.height;
  const strip = Math.round(
    Math.min(stripMax, Math.max(stripMin, (beside ? room.width : room.height) * stripShare)),
  );
  const share: Box = beside
    ? { x: 0, y: 0, width: Math.max(0, room.width - strip - room.gap), height: room.height }
    : { x: 0, y: 0, width: room.width, height: Math.max(0, room.height - strip - room.gap) };
  const rest: Box = beside
    ? { x: room.width - strip, y: 0, width: strip, height: room.height }
    : { x: 0, y: room.height - strip, width: room.width, height: strip };
  return { mode: "share", share, seats: place(people, rest, room.gap), floating: false };
}

/** Packs tiles of equal size into the area, as large as they go, the last row centred. */
export function place(people: readonly Seat[], area: Box, gap: number): { id: string; box: Box }[] {
  const count = people.length;
  if (count === 0 || area.width <= 0 || area.height <= 0) return [];
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const size = sized(
      (area.width - gap * (columns - 1)) / columns,
      (area.height - gap * (rows - 1)) / rows,
    );
    if (size.width * size.height > best.width * best.height) best = { columns, ...size };
  }
  const { columns, width, height } = best;
  const rows = Math.ceil(count / columns);
  const top = area.y + (area.height - rows * height - gap * (rows - 1)) / 2;
  return people.map((person, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = area.x + (area.width - inRow * width - gap * (inRow - 1)) / 2;
    const column = index - row * columns;
    return {
      id: person.id,
      box: {
        x: Math.round(left + column * (width + gap)),
        y: Math.round(top + row * (height + gap)),
        width: Math.floor(width),
        height: Math.floor(height),
      },
    };
  });
}

function sized(width: number, height: number): { width: number; height: number } {
  if (width <= 0 || height <= 0) return { width: 0, height: 0 };
  if (width / height > widest) return { width: height * widest, height };
  if (width / height < narrowest) return { width, height: width / narrowest };
  return { width, height };
}

export type Corner = "top-left" | "top-right" | "bottom-right" | "bottom-left";

const round: Corner[] = ["bottom-right", "bottom-left", "top-left", "top-right"];

/** The next corner clockwise from the bottom right: the way to move without dragging (WCAG 2.5.7). */
export function nextCorner(corner: Corner): Corner {
  return round[(round.indexOf(corner) + 1) % round.length] ?? "bottom-right";
}

/** The corner nearest to the point where a dragged picture was let go. */
export function cornerAt(x: number, y: number, room: { width: number; height: number }): Corner {
  const vertical = y < room.height / 2 ? "top" : "bottom";
  return x < room.width / 2 ? `${vertical}-left` : `${vertical}-right`;
}
