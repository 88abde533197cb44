import { expect, test } from "vitest";
import { isProxied } from "./is-proxied.ts";

const PROXY = "http://proxy.example:3128";

test.each([
  { url: "http://registry.example/", noProxy: "", want: true },
  { url: "http://registry.example/", noProxy: "registry.example", want: false },
  { url: "http://a.registry.example/", noProxy: "registry.example", want: false },
  { url: "http://a.registry.example/", noProxy: ".registry.example", want: false },
  { url: "http://notregistry.example/", noProxy: "registry.example", want: true },
  { url: "http://registry.example/", noProxy: "*.registry.example", want: true },
  { url: "http://a.registry.example/", noProxy: "*.registry.example", want: false },
  { url: "http://registry.example:8080/", noProxy: "registry.example:80", want: true },
  { url: "http://registry.example/", noProxy: "other, REGISTRY.example:80", want: false },
  { url: "http://[::1]:8080/", noProxy: "::1", want: false },
  { url: "http://[::1]:8080/", noProxy: "[::1]:81", want: true },
  { url: "http://registry.example/", noProxy: "none,*", want: false },
])("$url, NO_PROXY=$noProxy: $want", ({ url, noProxy, want }) => {
  expect(isProxied(url, { httpProxy: PROXY, httpsProxy: "", noProxy })).toBe(want);
});

test("https falls back to the proxy of http, and not the other way round", () => {
  expect(isProxied("https://registry.example/", { httpProxy: PROXY, httpsProxy: "", noProxy: "" })).toBe(true);
  expect(isProxied("http://registry.example/", { httpProxy: "", httpsProxy: PROXY, noProxy: "" })).toBe(false);
});
