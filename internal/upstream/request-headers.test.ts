import { expect, test } from "vitest";
import { requestHeaders } from "./request-headers.ts";
import type { UpstreamRequest } from "./upstream.ts";

const URL_TEXT = "https://registry.example/npm/x";

function headersOf(changes: Partial<UpstreamRequest>): Record<string, string> {
  const access = { baseUrl: "https://registry.example/npm/", credential: undefined, trusted: false };
  return requestHeaders(
    { method: "GET", url: URL_TEXT, headers: {}, pathClass: "document", access, ...changes },
    "larder/1.2.3",
  );
}

test("nothing of a client passes, whoever hands it over", () => {
  const headers = {
    authorization: "Bearer client",
    Cookie: "a=b",
    "x-forwarded-for": "10.1.1.1",
    forwarded: "for=10.1.1.1",
    via: "1.1 inside",
    referer: "https://inside.example/",
    "user-agent": "npm/12 (secret project)",
    host: "inside.example",
    connection: "upgrade",
    "npm-session": "1",
    "proxy-authorization": "Basic x",
    __proto__x: "y",
  };
  expect(headersOf({ headers })).toEqual({ "user-agent": "larder/1.2.3", "accept-encoding": "identity" });
});

test("what a request needs passes, whatever the case of its name", () => {
  const headers = {
    Accept: "application/json",
    "If-None-Match": '"a"',
    "if-modified-since": "Fri, 20 Nov 2026 10:00:00 GMT",
    Range: "bytes=1-",
    "If-Range": '"a"',
    "content-type": "application/json",
    "content-encoding": "gzip",
  };
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  expect(headersOf({ headers })).toEqual({ ...lower, "user-agent": "larder/1.2.3", "accept-encoding": "identity" });
});

test.each([
  { pathClass: "document", asked: undefined, want: "identity" },
  { pathClass: "document", asked: "gzip, br", want: "gzip, br" },
  { pathClass: "document", asked: "br;q=0.5, zstd, deflate", want: "br" },
  { pathClass: "query", asked: "gzip", want: "gzip" },
  { pathClass: "document", asked: "*", want: "identity" },
  { pathClass: "file", asked: "gzip, br", want: "identity" },
] as const)("a $pathClass that takes $asked asks for $want", ({ pathClass, asked, want }) => {
  expect(headersOf({ pathClass, headers: asked ? { "accept-encoding": asked } : {} })["accept-encoding"]).toBe(want);
});

test.each([
  { credential: { kind: "basic", username: "ü", password: "p:w" }, name: "authorization", value: "Basic w7w6cDp3" },
  { credential: { kind: "bearer", token: "t" }, name: "authorization", value: "Bearer t" },
  { credential: { kind: "header", name: "X-JFrog-Art-Api", value: "k" }, name: "x-jfrog-art-api", value: "k" },
] as const)("credential $credential.kind", ({ credential, name, value }) => {
  const access = { baseUrl: "https://registry.example/", credential, trusted: false };
  expect(headersOf({ access })[name]).toBe(value);
  expect(headersOf({ access, url: "https://files.example/x" })[name]).toBeUndefined();
});

test.each([
  { kind: "bearer", token: "a\r\nhost: evil.example" },
  { kind: "header", name: "Host", value: "inside.example" },
  { kind: "header", name: "transfer-encoding", value: "chunked" },
  { kind: "header", name: "x y", value: "z" },
  { kind: "header", name: "x-key", value: "a\nb" },
] as const)("a credential that would change the message is refused: %j", (credential) => {
  const access = { baseUrl: "https://registry.example/", credential, trusted: false };
  expect(() => headersOf({ access })).toThrow("cannot be sent as a header");
});
