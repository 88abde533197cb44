import { expect, test } from "vitest";
import { npm } from "./npm.ts";

test("Yarn 4 is told about plain http only where the repository is plain http", () => {
  const yarn4 = (url: string) => npm.snippets(url).find(({ client }) => client === "yarn 4")?.text;
  expect(yarn4("https://larder.example/npm/")).toBe("yarn config set npmRegistryServer https://larder.example/npm");
  expect(yarn4("http://127.0.0.1:8080/npm/")).toBe(
    "yarn config set npmRegistryServer http://127.0.0.1:8080/npm\n" +
      "yarn config set unsafeHttpWhitelist --json '[\"127.0.0.1\"]'",
  );
});

test("a refusal is one JSON object that npm, uv and Maven can print", () => {
  const { contentType, body } = npm.refuse({ status: 403, reason: "PERMISSION_DENIED", message: "you may not" });
  expect(contentType).toBe("application/json");
  expect(JSON.parse(body)).toEqual({
    error: "you may not",
    title: "Forbidden",
    detail: "you may not",
    status: 403,
    reason: "PERMISSION_DENIED",
  });
});

test.each([
  ["http://registry.example/npm", "http://registry.example/npm/"],
  ["http://user:secret@registry.example/npm/-/ping?x=1", "http://registry.example/npm/"],
  ["http://registry.example/npm/-/", "http://registry.example/npm/"],
])("%s means %s", (url, want) => {
  expect(npm.canonicalUrl(new URL(url))).toBe(want);
});
