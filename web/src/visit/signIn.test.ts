import { describe, expect, it } from "vitest";
import { takeToken } from "./signIn";

function open(hash: string) {
  const kept: string[] = [];
  const past = { replaceState: (_: unknown, __: string, path: string) => kept.push(path) };
  const token = takeToken({ hash, pathname: "/visit" } as Location, past as unknown as History);
  return { token, kept };
}

describe("a link's secret", () => {
  it("leaves the address when it is taken", () => {
    expect(open("#clinic.secret")).toEqual({ token: "clinic.secret", kept: ["/visit"] });
  });
  it("is not a place on the page", () => {
    expect(open("#main")).toEqual({ token: "", kept: [] });
    expect(open("")).toEqual({ token: "", kept: [] });
  });
});
