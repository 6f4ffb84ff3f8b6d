import { expect, it } from "vitest";
import { type Devices, LocalMedia } from "./callMedia";
import { recall, type Shelf } from "./callMemory";

function setUp() {
  let kept: string | null = null;
  const shelf: Shelf = {
    getItem: () => kept,
    setItem: (_key, value) => {
      kept = value;
    },
  };
  const asked: string[] = [];
  const track = (kind: string) =>
    Object.assign(new EventTarget(), { kind, readyState: "live", enabled: true, stop() {} });
  const devices = Object.assign(new EventTarget(), {
    getUserMedia: async (wish: MediaStreamConstraints = {}) => {
      const audio = wish.audio ? [track("audio")] : [];
      const video = wish.video ? [track("video")] : [];
      asked.push([...audio, ...video].map(({ kind }) => kind).join("+"));
      return {
        getAudioTracks: () => audio,
        getVideoTracks: () => video,
        getTracks: () => [...audio, ...video],
      };
    },
    enumerateDevices: async () => [],
  }) as unknown as Devices;
  return { asked, shelf, devices, media: new LocalMedia(devices, shelf) };
}

it.each([
  ["video", ["audio+video"]],
  ["audio", ["audio"]],
  ["chat", []],
] as const)("a consultation by %s asks for %j", async (modality, want) => {
  const { media, asked } = setUp();
  media.prepare("e", modality);
  await media.open();
  expect(asked).toEqual(want);
});

it("nothing comes on by itself in writing, and each thing by one press", async () => {
  const { media, asked } = setUp();
  media.prepare("e", "chat");
  await media.open();
  expect(media.getSnapshot()).toMatchObject({ micMuted: true, cameraMuted: true });
  await media.setMicMuted(false);
  expect(asked).toEqual(["audio"]);
  expect(media.getSnapshot()).toMatchObject({ take: "audio", micMuted: false, cameraMuted: true });
  await media.setCameraMuted(false);
  expect(asked).toEqual(["audio", "video"]);
});

it("who comes from writing to the camera is heard and seen", async () => {
  const { media, asked } = setUp();
  media.prepare("e", "chat");
  await media.open();
  await media.open("video");
  expect(asked).toEqual(["audio+video"]);
  expect(media.getSnapshot()).toMatchObject({ micMuted: false, cameraMuted: false });
});

it("keeps what was chosen for the consultation, and begins the next one anew", async () => {
  const { media, shelf, devices } = setUp();
  media.prepare("e", "chat");
  await media.open("audio");
  const reloaded = new LocalMedia(devices, shelf);
  reloaded.prepare("e", "chat");
  expect(reloaded.getSnapshot().take).toBe("audio");
  reloaded.prepare("f", "video");
  expect(reloaded.getSnapshot()).toMatchObject({ take: "video", micMuted: false });
  expect(recall(shelf).takeFor).toBe("f");
});
