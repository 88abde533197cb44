import { expect, test } from "vitest";
import { openSnapshot } from "./snapshots.ts";

test.each(["sqlite", "mysql"] as const)("the snapshot of %s is that of the tables", async (dialect) => {
  const orm = await openSnapshot(dialect);
  expect(await orm.migrator.checkSchema()).toBe(false);
  await orm.close(true);
});
