import { describe, expect, it } from "vitest";
import { type Devices, LocalMedia } from "./callMedia";
import { recall, type Shelf } from "./callMemory";

function shelf(): Shelf {
  let value: string | null = null;
  return {
    getItem: () => value,
    setItem: (_key, next) => {
      value = next;
    },
  };
}

class FakeTrack extends EventTarget {
  readyState = "live";
  enabled = true;
  contentHint = "";
  readonly kind: string;
  constructor(kind: string) {
    super();
    this.kind = kind;
  }
  stop(): void {
    this.readyState = "ended";
  }
  /** What the system does when it takes the device away. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

/** Devices that refuse what the test says, and keep every question they were asked. */
function devices(refuse: (wish: MediaStreamConstraints) => string | undefined = () => undefined) {
  const asked: MediaStreamConstraints[] = [];
  const given: FakeTrack[] = [];
  const fake = Object.assign(new EventTarget(), {
    getUserMedia: async (wish: MediaStreamConstraints = {}) => {
      asked.push(wish);
      const fault = refuse(wish);
      if (fault) throw new DOMException("refused", fault);
      const audio = wish.audio ? [new FakeTrack("audio")] : [];
      const video = wish.video ? [new FakeTrack("video")] : [];
      given.push(...audio, ...video);
      return {
        getAudioTracks: () => audio,
        getVideoTracks: () => video,
        getTracks: () => [...audio, ...video],
      } as unknown as MediaStream;
    },
    enumerateDevices: async () => [],
  });
  return { fake: fake as unknown as Devices & EventTarget, asked, given };
}

const both = (wish: MediaStreamConstraints) => Boolean(wish.audio && wish.video);

describe("opening", () => {
  it("asks the person once for both", async () => {
    const { fake, asked } = devices();
    const media = new LocalMedia(fake, shelf());
    await media.open("video");
    expect(asked).toHaveLength(1);
    expect(media.getSnapshot()).toMatchObject({ asking: false, cameraFault: undefined });
    expect(media.getSnapshot().camera?.kind).toBe("video");
    expect(media.getSnapshot().microphone?.kind).toBe("audio");
  });

  it("keeps the microphone when only the camera is taken by another program", async () => {
    const { fake } = devices((wish) => (wish.video ? "NotReadableError" : undefined));
    const media = new LocalMedia(fake, shelf());
    await media.open("video");
    expect(media.getSnapshot()).toMatchObject({
      cameraFault: "in_use",
      microphoneFault: undefined,
    });
    expect(media.getSnapshot().microphone).toBeDefined();
  });

  it("does not pester a person who has refused", async () => {
    const { fake, asked } = devices(() => "NotAllowedError");
    const media = new LocalMedia(fake, shelf());
    await media.open("video");
    expect(asked).toHaveLength(1);
    expect(media.getSnapshot()).toMatchObject({ cameraFault: "denied", microphoneFault: "denied" });
  });

  it("asks for nothing when the person takes part in writing", async () => {
    const { fake, asked, given } = devices();
    const media = new LocalMedia(fake, shelf());
    await media.open("video");
    await media.open("chat");
    expect(asked).toHaveLength(1);
    expect(given.every((track) => track.readyState === "ended")).toBe(true);
    expect(media.getSnapshot()).toMatchObject({ camera: undefined, microphone: undefined });
  });

  it("gives up a remembered camera that is gone and takes another", async () => {
    const place = shelf();
    const { fake, asked } = devices((wish) =>
      both(wish) || (wish.video as MediaTrackConstraints | undefined)?.deviceId
        ? "OverconstrainedError"
        : undefined,
    );
    const media = new LocalMedia(fake, place);
    await media.choose("camera", "old");
    await media.open("video");
    expect(media.getSnapshot().camera).toBeDefined();
    expect(recall(place).cameraId).toBe("");
    expect(asked.length).toBeGreaterThan(1);
  });

  it("names what is wrong where there are no devices at all", async () => {
    const media = new LocalMedia(undefined, shelf());
    await media.open("video");
    expect(media.getSnapshot().microphoneFault).toBe("unsupported");
  });
});

describe("muting", () => {
  it("lets the camera go, so that its lamp goes out, and takes it again", async () => {
    const { fake, given } = devices();
    const media = new LocalMedia(fake, shelf());
    const sent: string[] = [];
    await media.open("video");
    media.connect(async (source, track) => void sent.push(`${source} ${track?.kind ?? "none"}`));
    await media.setCameraMuted(true);
    expect(given.find((track) => track.kind === "video")?.readyState).toBe("ended");
    await media.setCameraMuted(false);
    expect(sent).toEqual(["camera video"]);
  });

  it("keeps the microphone open, so that speaking again is instant", async () => {
    const { fake, asked, given } = devices();
    const media = new LocalMedia(fake, shelf());
    await media.open("audio");
    await media.setMicMuted(true);
    expect(given[0]).toMatchObject({ enabled: false, readyState: "live" });
    await media.setMicMuted(false);
    expect(given[0]?.enabled).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it("survives a reload", async () => {
    const place = shelf();
    const before = new LocalMedia(devices().fake, place);
    await before.open("video");
    await before.setMicMuted(true);
    await before.setCameraMuted(true);
    const { fake, given } = devices();
    const after = new LocalMedia(fake, place);
    await after.open();
    expect(after.getSnapshot()).toMatchObject({ micMuted: true, cameraMuted: true });
    expect(given.map((track) => `${track.kind} ${track.enabled}`)).toEqual(["audio false"]);
  });

  it("takes up the microphone of one who took part in writing", async () => {
    const media = new LocalMedia(devices().fake, shelf());
    await media.open("chat");
    await media.setMicMuted(false);
    expect(media.getSnapshot().take).toBe("audio");
    expect(media.getSnapshot().microphone).toBeDefined();
  });
});

describe("losing a device", () => {
  it("takes another track and hands it to the call", async () => {
    const { fake, given } = devices();
    const media = new LocalMedia(fake, shelf());
    await media.open("audio");
    const replaced = new Promise<string>((resolve) => {
      media.connect(async (source, track) => resolve(`${source} ${track?.readyState}`));
    });
    given[0]?.end();
    expect(await replaced).toBe("microphone live");
  });

  it("stops everything when closed, also what arrives later", async () => {
    const { fake, given } = devices();
    const media = new LocalMedia(fake, shelf());
    await media.open("video");
    const late = media.choose("camera", "other");
    media.close();
    await late;
    expect(given.every((track) => track.readyState === "ended")).toBe(true);
  });
});
