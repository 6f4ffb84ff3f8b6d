import { expect, test } from "vitest";
import { DeviceError, faultOf, KeepAlive } from "./devices.ts";
import { FakeTrack } from "./testing/peer.ts";

const named = (name: string, message = "") => Object.assign(new Error(message), { name });

test.each([
  [named("NotAllowedError", "Permission denied"), "denied"],
  [named("NotAllowedError", "Permission dismissed"), "dismissed"],
  [named("SecurityError"), "denied"],
  [named("NotFoundError"), "not_found"],
  [named("NotReadableError"), "in_use"],
  [named("OverconstrainedError"), "overconstrained"],
  [named("AbortError"), "aborted"],
  [new TypeError("no getUserMedia"), "unsupported"],
  [new DeviceError("insecure"), "insecure"],
  [named("Strange"), "unknown"],
  ["a string", "unknown"],
  [null, "unknown"],
  [{ name: 7 }, "unknown"],
])("%s is named", (error, fault) => {
  expect(faultOf(error)).toBe(fault);
});

function alive(acquire: () => Promise<MediaStreamTrack>) {
  const replaced: MediaStreamTrack[] = [];
  const faults: string[] = [];
  const keep = new KeepAlive({
    acquire,
    replace: (track) => {
      replaced.push(track);
    },
    failed: (fault) => faults.push(fault),
  });
  return { keep, replaced, faults };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a track that ends is acquired again, after the old one has stopped", async () => {
  const old = new FakeTrack("audio", "old");
  const fresh = new FakeTrack("audio", "fresh");
  let oldState = "";
  const { keep, replaced } = alive(async () => {
    oldState = old.readyState;
    return fresh.media;
  });
  keep.watch(old.media);
  old.end();
  expect(keep.interrupted).toBe(true);
  await settled();
  expect(oldState).toBe("ended");
  expect(replaced).toEqual([fresh.media]);
  expect(keep.interrupted).toBe(false);
  fresh.end(); // the fresh one is watched too
  await settled();
  expect(replaced).toHaveLength(2);
  keep.close();
});

test("a device that is gone is told by name", async () => {
  const { keep, faults } = alive(() => Promise.reject(new DeviceError("in_use")));
  const track = new FakeTrack("video", "v");
  keep.watch(track.media);
  track.end();
  await settled();
  expect(faults).toEqual(["in_use"]);
  keep.close();
});

test("an interruption that passes needs nothing", () => {
  const { keep, replaced } = alive(() => Promise.reject(new DeviceError("in_use")));
  const track = new FakeTrack("audio", "a");
  keep.watch(track.media);
  track.dispatchEvent(new Event("mute"));
  expect(keep.interrupted).toBe(true);
  track.dispatchEvent(new Event("unmute"));
  expect(keep.interrupted).toBe(false);
  expect(replaced).toEqual([]);
  keep.close();
});

test("what is acquired after the end is stopped", async () => {
  const fresh = new FakeTrack("audio", "fresh");
  const { keep, replaced } = alive(async () => fresh.media);
  const track = new FakeTrack("audio", "a");
  keep.watch(track.media);
  track.end();
  keep.close();
  await settled();
  expect(replaced).toEqual([]);
  expect(fresh.readyState).toBe("ended");
});
