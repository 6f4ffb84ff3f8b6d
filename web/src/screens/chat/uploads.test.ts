import { describe, expect, it } from "vitest";
import { type Upload, type UploadEvent, uploadFault, uploads } from "./uploads";

const started: UploadEvent = { type: "started", id: "1", name: "scan.pdf", size: 10 };

function listOf(...events: UploadEvent[]): readonly Upload[] {
  return events.reduce<readonly Upload[]>(uploads, []);
}

describe("uploads", () => {
  it("starts at nothing sent", () => {
    expect(listOf(started)).toEqual([
      { id: "1", name: "scan.pdf", size: 10, share: 0, failed: undefined },
    ]);
  });

  it("never moves back", () => {
    const list = listOf(
      started,
      { type: "moved", id: "1", share: 0.6 },
      { type: "moved", id: "1", share: 0.2 },
    );
    expect(list[0]?.share).toBe(0.6);
  });

  it("keeps a failed one until it is dismissed", () => {
    const failed = listOf(started, { type: "failed", id: "1", code: "too_large" });
    expect(failed[0]?.failed).toBe("too_large");
    expect(uploads(failed, { type: "gone", id: "1" })).toEqual([]);
  });

  it("ignores news of a cancelled one", () => {
    expect(
      listOf(started, { type: "gone", id: "1" }, { type: "moved", id: "1", share: 1 }),
    ).toEqual([]);
  });
});

describe("uploadFault", () => {
  it("names what the person can do about it", () => {
    expect(uploadFault("too_large")).toBe("chat.tooBig");
    expect(uploadFault("type_refused")).toBe("chat.refusedType");
    expect(uploadFault("network")).toBe("chat.uploadFailed");
  });
});
