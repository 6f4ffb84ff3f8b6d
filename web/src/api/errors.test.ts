import { describe, expect, it } from "vitest";
import { ok } from "./client";
import { ApiError, errorKey, isApiError } from "./errors";

describe("ok", () => {
  it("gives the body of a good answer", async () => {
    const response = new Response("{}", { status: 200 });
    await expect(ok(Promise.resolve({ data: { id: "a" }, response }))).resolves.toEqual({
      id: "a",
    });
  });

  it("throws the problem of a bad one", async () => {
    const response = new Response("{}", { status: 409 });
    const error = { code: "slot_taken", errors: [{ pointer: "/start", detail: "busy" }] };
    const thrown = await ok(Promise.resolve({ error, response })).catch((e: unknown) => e);
    expect(isApiError(thrown, "slot_taken")).toBe(true);
    expect((thrown as ApiError).fields.get("/start")).toBe("busy");
    expect(errorKey(thrown)).toBe("error.slot_taken");
  });

  it("survives an answer that is no problem document", async () => {
    const response = new Response("<html>", { status: 502 });
    const thrown = await ok(Promise.resolve({ response })).catch((e: unknown) => e);
    expect((thrown as ApiError).status).toBe(502);
    expect((thrown as ApiError).code).toBe("internal");
  });

  it("names the lack of an answer", () => {
    expect(new ApiError(0, {}).code).toBe("network");
  });
});
