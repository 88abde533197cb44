import { expect, test } from "vitest";
import {
  entryName,
  packageName,
  readEntryName,
  readIndexTaskName,
  readPackageName,
  readRepositoryName,
  readRepositoryNameOrAll,
  repositoryName,
  versionName,
} from "./resource-name.ts";

const refused = expect.objectContaining({ reason: "ARGUMENT_INVALID", facts: { field: "parent" } });

test.each(["nginx", "@types/node", "a b", "ü%2f", "..", "repositories/x/packages/y"])("%s comes back", (name) => {
  expect(readPackageName(packageName("charts", name))).toEqual({ repositoryId: "charts", item: name });
  expect(readEntryName(entryName("charts", name))).toEqual({ repositoryId: "charts", item: name });
});

test("names are percent-encoded part by part", () => {
  expect(repositoryName("charts")).toBe("repositories/charts");
  expect(versionName("npm", "@types/node", "1.0.0+b")).toBe(
    "repositories/npm/packages/%40types%2Fnode/versions/1.0.0%2Bb",
  );
  expect(readPackageName("repositories/npm/packages/@types%2fnode").item).toBe("@types/node");
  expect(readRepositoryNameOrAll("repositories/-")).toBeUndefined();
});

test.each([
  { read: readRepositoryName, name: "" },
  { read: readRepositoryName, name: "repositories/" },
  { read: readRepositoryName, name: "repositories/-" },
  { read: readRepositoryName, name: "repositories/A" },
  { read: readRepositoryName, name: "repositories/a/" },
  { read: readRepositoryName, name: "repositories/a\n" },
  { read: readRepositoryName, name: `repositories/${"a".repeat(64)}` },
  { read: readPackageName, name: "repositories/a/packages/" },
  { read: readPackageName, name: "repositories/a/packages/b/c" },
  { read: readPackageName, name: "repositories/a/packages/%" },
  { read: readPackageName, name: "repositories/a/packages/%ff" },
  { read: readPackageName, name: `repositories/a/packages/${"b".repeat(9_000)}` },
  { read: readEntryName, name: "repositories/a/packages/b" },
  { read: readIndexTaskName, name: "indexTasks/../a" },
])("$name is refused", ({ read, name }) => {
  expect(() => read(name, "parent")).toThrow(refused);
});
