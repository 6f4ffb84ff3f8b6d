import type { Person } from "./browser.ts";
import type { Server } from "./server.ts";

/** Prints what the server and the pages said last, when a test has failed. */
export function tell(server: Server, people: readonly Person[]): void {
  console.log(`--- server\n${server.output.split("\n").slice(-60).join("\n")}`);
  for (const person of people) {
    const frames = person.frames.filter((one) => !one.includes('"speakers"'));
    console.log(`--- ${person.name}, ${person.page.url()}\n${[...person.errors, ...frames].join("\n")}`);
  }
}
