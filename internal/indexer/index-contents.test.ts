import { expect, test } from "vitest";
import { collectContents, countSeen } from "./index-contents.ts";
import type { ListedItem } from "./listed-items.ts";

const listed = (name: string, ...versions: string[]): ListedItem => ({
  kind: "package",
  package: {
    name,
    description: "",
    deprecated: false,
    versions: versions.map((version) => ({
      version,
      appVersion: "",
      digest: "",
      publishTime: undefined,
      deprecated: false,
      metadata: "{}",
    })),
  },
});
const issue = (packageName: string, version = ""): ListedItem => ({
  kind: "issue",
  issue: { packageName, version, message: "m" },
});

function collect(items: ListedItem[], wanted: string[] = []) {
  const collector = collectContents(wanted);
  for (const item of items) collector.add(item);
  return collector.finish();
}

test.each([
  { name: "nothing", items: [], seen: 0 },
  { name: "versions", items: [listed("a", "2", "1"), listed("b", "1")], seen: 3 },
  { name: "a version that could not be read", items: [issue("a", "2"), listed("a", "1")], seen: 2 },
  { name: "a package that could not be read", items: [issue("a"), listed("b", "1")], seen: 2 },
  { name: "a version that is listed in spite of its issue, once", items: [issue("a", "1"), listed("a", "1")], seen: 1 },
])("counted: $name", ({ items, seen }) => {
  expect(countSeen(collect(items))).toBe(seen);
});

test("a package that is listed twice is an issue", () => {
  const { packages, failed } = collect([listed("a", "1"), listed("a", "2")]);
  expect(packages.get("a")?.versions).toMatchObject([{ version: "1" }]);
  expect(failed).toBe(1);
});

test("what is not wanted is left out, with its issues", () => {
  const { packages, failed } = collect([listed("a", "1"), listed("b", "1"), issue("b", "2"), issue("a", "3")], ["a"]);
  expect([...packages.keys()]).toEqual(["a"]);
  expect(packages.get("a")?.unreadable).toEqual(["3"]);
  expect(failed).toBe(1);
});

test("of very many issues all are counted, and some are kept", () => {
  const { issues, failed } = collect(Array.from({ length: 10_001 }, (_, n) => issue("a", `${n}`)));
  expect([issues.length, failed]).toEqual([10_000, 10_001]);
});
