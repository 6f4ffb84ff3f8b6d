import { expect, it } from "vitest";
import { returnTo, signInPath } from "./returnTo";

const origin = "https://clinic.example";

it("leads back to paths of this site only", () => {
  const good = {
    "/calendar": "/calendar",
    "/patients/1?x=1#y": "/patients/1",
    "/security": "/security",
  };
  for (const [wanted, path] of Object.entries(good)) {
    expect(returnTo(wanted, origin, "/home")).toBe(path);
  }
  const bad = [
    null,
    "",
    "calendar",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/calendar",
    "javascript:alert(1)",
    "/%5cevil.example/..//evil.example",
    "/\t/evil.example",
    "/sign-in",
    "/reset",
    "/./sign-in",
  ];
  for (const wanted of bad) expect(returnTo(wanted, origin, "/home"), String(wanted)).toBe("/home");
});

it("keeps the address of the sign-in page short", () => {
  expect(signInPath("/")).toBe("/sign-in");
  expect(signInPath("/calendar")).toBe("/sign-in?to=%2Fcalendar");
});
