import { expect, test } from "vitest";
import { snippets } from "./snippets.ts";

test.each([
  ["http://127.0.0.1:8080/pypi/", "pip install --index-url http://127.0.0.1:8080/pypi/simple/ <package>"],
  ["https://larder.example/pypi/", "pip install --index-url https://larder.example/pypi/simple/ <package>"],
  [
    "http://larder.example:8080/pypi/",
    "pip install --index-url http://larder.example:8080/pypi/simple/ --trusted-host larder.example:8080 <package>",
  ],
])("pip is told to trust plain http beyond this machine only: %s", (url, want) => {
  expect(snippets(url).find(({ client }) => client === "pip")?.text).toBe(want);
});
