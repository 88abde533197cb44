import { expect, test } from "vitest";
import type { Format, IndexedVersion, IndexItem } from "#internal/format/format.ts";
import { helm } from "#internal/format/helm/helm.ts";
import { raw } from "#internal/format/raw/raw.ts";
import { toListedItems } from "./listed-items.ts";

function listed(versions: Partial<IndexedVersion>[], format: Format = helm, name = "nginx") {
  const full = versions.map((each) => ({ version: "1.0.0", deprecated: false, metadata: "{}", ...each }));
  const item: IndexItem = { kind: "package", package: { name, description: "", deprecated: false, versions: full } };
  return [...toListedItems([item], format)];
}
const versionsOf = (items: ReturnType<typeof listed>) =>
  items.flatMap((item) => (item.kind === "package" ? item.package.versions : []));
const issuesOf = (items: ReturnType<typeof listed>) =>
  items.flatMap((item) => (item.kind === "issue" ? [item.issue] : []));

test("versions are sorted by the format's order, newest first", () => {
  const versions = ["1.9.0", "1.10.0", "2.0.0-rc.1"].map((version) => ({ version }));
  expect(versionsOf(listed(versions)).map(({ version }) => version)).toEqual(["2.0.0-rc.1", "1.10.0", "1.9.0"]);
});

test("a format without an order keeps that of the index", () => {
  const versions = ["b", "a", "c"].map((version) => ({ version }));
  expect(versionsOf(listed(versions, { ...raw })).map(({ version }) => version)).toEqual(["b", "a", "c"]);
});

test.each([
  { name: "a blank at the end", version: "1.0.0 " },
  { name: "a line feed", version: "1.0\n.0" },
  { name: "256 characters", version: "1".repeat(256) },
  { name: "nothing", version: "" },
])("a version with $name is an issue, and the others are listed", ({ version }) => {
  const items = listed([{ version }, { version: "1.0.0" }]);
  expect(versionsOf(items)).toMatchObject([{ version: "1.0.0" }]);
  expect(issuesOf(items)).toMatchObject([{ packageName: "nginx", version }]);
});

test("a package whose name cannot be kept is one issue", () => {
  const items = listed([{}], helm, "nginx\u0000");
  expect(items).toMatchObject([{ kind: "issue", issue: { packageName: "nginx\u0000" } }]);
});

test.each([
  { publishTime: "2026-01-02T03:04:05.678Z", want: new Date("2026-01-02T03:04:05.678Z") },
  { publishTime: "2026-01-02T03:04:05+02:00", want: new Date("2026-01-02T01:04:05Z") },
  { publishTime: "yesterday", want: undefined },
  { publishTime: "0001-01-01T00:00:00Z", want: undefined },
])("published $publishTime", ({ publishTime, want }) => {
  expect(versionsOf(listed([{ publishTime }]))[0]?.publishTime).toEqual(want);
});
