import { describe, expect, it } from "vitest";
import { followLive } from "./live";

function setup() {
  let live: (event: { kind: string }) => void = () => {};
  let session: (resumed: boolean) => void = () => {};
  const due: (() => void)[] = [];
  const refreshed: string[] = [];
  const stop = followLive(
    {
      onLive: (fn) => {
        live = fn;
        return () => {};
      },
      onSession: (fn) => {
        session = fn;
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
  return {
    live: (kind: string) => live({ kind }),
    session: (resumed: boolean) => session(resumed),
    settle,
    stop,
  };
}

describe("followLive", () => {
  it("fetches what a burst touched once", () => {
    const { live, settle } = setup();
    live("appointment");
    live("appointment");
    live("document");
    expect(settle()).toEqual(["appointments", "card", "encounter", "intake", "joint"]);
    expect(settle()).toEqual([]);
  });

  it("leaves the open draft to its editor", () => {
    const { live, settle } = setup();
    live("composition");
    live("kind of a newer server");
    expect(settle()).not.toContain("composition");
  });

  it("refreshes everything when the line could not be resumed", () => {
    const { session, settle } = setup();
    session(false);
    expect(settle()).toEqual([]);
    session(true);
    expect(settle()).toEqual([]);
    session(false);
    expect(settle()).toContain("appointments");
  });

  it("does nothing once stopped", () => {
    const { live, settle, stop } = setup();
    live("appointment");
    stop();
    expect(settle()).toEqual([]);
  });
});
