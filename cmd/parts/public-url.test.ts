import { expect, test } from "vitest";
import { readConfiguration } from "#internal/config/configuration.ts";
import { createPublicUrl, ownUrls } from "./public-url.ts";

const read = (flags: Record<string, string>) => readConfiguration({ flags, readFile: () => undefined });

test.each([
  { flags: {}, url: "http://127.0.0.1:8080/npm/", own: ["http://127.0.0.1:8080/"] },
  { flags: { "http-address": "[::1]:8081" }, url: "http://[::1]:8081/npm/", own: ["http://[::1]:8081/"] },
  {
    flags: { "public-url": "https://larder.example/mirror/" },
    url: "https://larder.example/mirror/npm/",
    own: ["https://larder.example/mirror", "http://127.0.0.1:8080/"],
  },
])("$flags: repositories below $url", ({ flags, url, own }) => {
  expect(createPublicUrl(read(flags)).of({ id: "npm" })).toBe(url);
  expect(ownUrls(read(flags))).toEqual(own);
});

test("a free port is known once the gateway listens, and changes nothing that was configured", () => {
  const free = createPublicUrl(read({ "http-address": "[::1]:0" }));
  free.listensOn("[::1]:4321");
  expect(free.of({ id: "npm" })).toBe("http://[::1]:4321/npm/");
  const configured = createPublicUrl(read({ "public-url": "https://larder.example" }));
  configured.listensOn("127.0.0.1:4321");
  expect(configured.of({ id: "npm" })).toBe("https://larder.example/npm/");
});
