import { describe, expect, it } from "vitest";
import { fresh, recall, remember, type Shelf } from "./callMemory";

function shelf(start?: string): Shelf & { kept: () => string | undefined } {
  let value = start;
  return {
    getItem: () => value ?? null,
    setItem: (_key, next) => {
      value = next;
    },
    kept: () => value,
  };
}

describe("memory of the tab", () => {
  it("is fresh when nothing, nonsense or a foreign shape was kept", () => {
    for (const text of [undefined, "{", "5", "null", "[]"]) {
      expect(recall(shelf(text))).toEqual(fresh);
    }
    expect(recall(undefined)).toEqual(fresh);
  });

  it("keeps a mute over a reload and leaves the rest alone", () => {
    const place = shelf();
    remember(place, { room: "r1", cameraId: "c" });
    remember(place, { micMuted: true });
    expect(recall(place)).toEqual({ ...fresh, room: "r1", cameraId: "c", micMuted: true });
  });

  it("drops values of a wrong type", () => {
    expect(recall(shelf('{"micMuted":"yes","take":"hologram","room":7}'))).toEqual(fresh);
  });

  it("works where the browser refuses to store", () => {
    const refusing: Shelf = {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("denied");
      },
    };
    expect(recall(refusing)).toEqual(fresh);
    expect(remember(refusing, { micMuted: true }).micMuted).toBe(true);
  });
});
