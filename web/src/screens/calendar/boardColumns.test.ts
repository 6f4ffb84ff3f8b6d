import { expect, it } from "vitest";
import { statuses } from "../../ui/status";
import { boardColumns } from "./boardColumns";

it("gives every state exactly one column", () => {
  for (const status of statuses) {
    const columns = boardColumns.filter((column) => column.statuses.has(status));
    expect(columns.length, status).toBe(1);
  }
});
