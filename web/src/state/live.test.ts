import { describe, expect, it } from "vitest";
import { followLive } from "./live";

function setup() {
  let live: (event: { kind: string }) => void = () => {};
  let state: (state: string) => void = () => {};
  const due: (() => void)[] = [];
  const refreshed: string[] = [];
  const stop = followLive(
    {
      onLive: (fn) => {
        live = fn;
        return () => {};
      },
      onState: (fn) => {
        state = fn;
        return () => {};
      },
    },
    {
      invalidateQueries: async (filter) => {
        refreshed.push(String(filter?.queryKey?.[0]));
      },
    },
    (fn) => due.push(fn),
  );
  const settle = () => {
    for (const fn of due.splice(0)) fn();
    return refreshed.splice(0).sort();
  };
  return { live: (kind: string) => live({ kind }), state: (s: string) => state(s), settle, stop };
}

describe("followLive", () => {
  it("fetches what a burst touched once", () => {
    const { live, settle } = setup();
    live("appointment");
    live("appointment");
    live("document");
    expect(settle()).toEqual(["appointments", "card", "encounter"]);
    expect(settle()).toEqual([]);
  });

  it("leaves the open draft to its editor", () => {
    const { live, settle } = setup();
    live("composition");
    live("kind of a newer server");
    expect(settle()).not.toContain("composition");
  });

  it("refreshes after the line was lost", () => {
    const { state, settle } = setup();
    state("open");
    expect(settle()).toEqual([]);
    state("reconnecting");
    state("open");
    expect(settle()).toContain("appointments");
  });

  it("does nothing once stopped", () => {
    const { live, settle, stop } = setup();
    live("appointment");
    stop();
    expect(settle()).toEqual([]);
  });
});
