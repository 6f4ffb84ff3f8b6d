import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Playable, Playback } from "./playback.ts";
import { FakeTrack } from "./testing/peer.ts";

class FakeStream {
  readonly #tracks: MediaStreamTrack[];

  constructor(tracks: MediaStreamTrack[]) {
    this.#tracks = tracks;
  }

  getTracks(): MediaStreamTrack[] {
    return this.#tracks;
  }
}

beforeEach(() => vi.stubGlobal("MediaStream", FakeStream));
afterEach(() => vi.unstubAllGlobals());

const element = (play: () => Promise<void>): Playable => ({ srcObject: null, muted: false, play });
const refused = () => Promise.reject(Object.assign(new Error(), { name: "NotAllowedError" }));
const settled = () => new Promise((resolve) => setTimeout(resolve));
const track = new FakeTrack("audio", "a").media;

test("plays, and keeps the stream while the tracks are the same", async () => {
  const playback = new Playback();
  const audio = element(() => Promise.resolve());
  playback.attach(audio, [track]);
  const stream = audio.srcObject;
  playback.attach(audio, [track]);
  expect(audio.srcObject).toBe(stream);
  playback.attach(audio, [new FakeTrack("audio", "b").media]);
  expect(audio.srcObject).not.toBe(stream);
  await settled();
  expect(playback.blocked()).toBe(false);
});

test("remembers what waits for a tap, and plays it then", async () => {
  const playback = new Playback();
  let allowed = false;
  const changes: boolean[] = [];
  playback.subscribe(() => changes.push(playback.blocked()));
  const play = () => (allowed ? Promise.resolve() : refused());
  playback.attach(element(play), [track]);
  playback.attach(element(play), [track]);
  await settled();
  expect(playback.blocked()).toBe(true);
  allowed = true;
  await playback.resume();
  expect(playback.blocked()).toBe(false);
  expect(changes.at(-1)).toBe(false);
});

test("forgets an element that is gone", async () => {
  const playback = new Playback();
  const detach = playback.attach(element(refused), [track]);
  await settled();
  detach();
  expect(playback.blocked()).toBe(false);
});

test("an aborted play is no refusal", async () => {
  const playback = new Playback();
  playback.attach(
    element(() => Promise.reject(Object.assign(new Error(), { name: "AbortError" }))),
    [track],
  );
  await settled();
  expect(playback.blocked()).toBe(false);
});
