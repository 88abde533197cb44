import { expect, test } from "vitest";
import { isFault } from "#internal/fault/fault.ts";
import { assertTakesWrites } from "./disk-reserve.ts";
import { testFolder } from "./test-folder.ts";

test("a file system with enough room passes, one with less is full, and a folder that is gone says so", () => {
  const folder = testFolder();
  expect(() => assertTakesWrites(folder, 0)).not.toThrow();
  const full = thrownBy(() => assertTakesWrites(folder, Number.MAX_SAFE_INTEGER));
  expect(isFault(full, "STORAGE_UNAVAILABLE") && full.facts).toEqual({ code: "ENOSPC", operation: "store" });
  expect(() => assertTakesWrites(`${folder}/gone`)).toThrow("ENOENT");
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
