import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFault } from "#internal/fault/fault.ts";
import type { DocumentRef, Format } from "./format.ts";
import { documentOf, type GoldenCase, goldenBytes, goldenCases, goldenRequest } from "./golden-case.ts";
import { checkGolden, kindOf } from "./golden-check.ts";
import { hostileRequests } from "./hostile-requests.ts";
import { BASE, checkKey, checkRef, checkRoute } from "./route-check.ts";

const LOGIN_PAGE = Buffer.from(
  "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/login'></form></body></html>",
);

/**
 * What every format keeps, on its golden cases (golden-case.ts) and on hostile requests. A format's test is this one call:
 * `formatContract(npm, join(import.meta.dirname, "testdata"))`.
 */
export function formatContract(format: Format, goldenFolder: string): void {
  const cases = goldenCases(goldenFolder);
  describe(`${format.id} golden cases`, () => {
    test.each(cases)("$name", (golden) => checkGolden(format, goldenFolder, golden));
  });
  describe(`${format.id} keeps the contract of formats`, () => {
    routesAreSafe(format, cases);
    strangersAreRefused(format, cases, recordedBodies(goldenFolder, cases));
    configurationIsOurs(format);
  });
}

/** faults.md A1, A10, C1: whatever is asked, keys and upstream paths are canonical, bounded and below the upstream. */
function routesAreSafe(format: Format, cases: readonly GoldenCase[]): void {
  const paths = cases.map(({ request }) => request.path);

  test("a hostile request is refused or becomes a safe route", () => {
    const keys = new Map<string, string>();
    fc.assert(
      fc.property(hostileRequests(paths), (request) => {
        const route = format.route(request);
        if (route !== undefined) checkRoute(format, route, keys);
      }),
      { numRuns: 2_000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("the routes of the golden cases are safe", () => {
    const keys = new Map<string, string>();
    for (const golden of cases) {
      const route = format.route(goldenRequest(golden));
      if (route !== undefined) checkRoute(format, route, keys);
    }
  });
}

/** faults.md A3: a login page, an empty or a cut body never becomes a document; nothing but a Fault is ever thrown. */
function strangersAreRefused(format: Format, cases: readonly GoldenCase[], recorded: readonly Buffer[]): void {
  describe.each(exampleRefs(format, cases))("a document of kind $kind", (ref) => {
    const parse = (body: Buffer, contentType: string) =>
      kindOf(format, ref).parse({ body, contentType, url: new URL(ref.upstreamPath, BASE).href, ref });
    test.each([
      ["a login page", LOGIN_PAGE, "text/html; charset=utf-8"],
      ["an empty body", Buffer.alloc(0), kindOf(format, ref).accept.split(/[;,]/)[0] ?? ""],
    ])("is not %s", (_, body, contentType) => {
      expect(() => parse(body, contentType)).toThrow(expect.objectContaining({ reason: "UPSTREAM_INVALID" }));
    });

    test("is read, or refused with a Fault, whatever the bytes are", () => {
      const body = fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.json().map((text) => Buffer.from(text)),
        fc
          .tuple(fc.constantFrom(LOGIN_PAGE, ...recorded), fc.double({ min: 0, max: 1, noNaN: true }))
          .map(([bytes, part]) => bytes.subarray(0, bytes.length * part)),
      );
      fc.assert(
        fc.property(body, fc.constantFrom("application/json", "text/html", ""), (bytes, contentType) => {
          try {
            for (const announcement of parse(bytes, contentType).announcements()) checkKey(announcement.path);
          } catch (error) {
            if (!isFault(error)) throw error;
          }
        }),
      );
    });
  });
}

function recordedBodies(folder: string, cases: readonly GoldenCase[]): Buffer[] {
  return cases.flatMap(({ upstream }) => (upstream ? [goldenBytes(folder, upstream)] : []));
}

/** One document of every kind that the golden cases ask for. */
function exampleRefs(format: Format, cases: readonly GoldenCase[]): DocumentRef[] {
  const refs = new Map<string, DocumentRef>();
  for (const golden of cases) {
    const ref = documentOf(format.route(goldenRequest(golden)));
    if (ref) refs.set(ref.kind, ref);
  }
  return [...refs.values()];
}

/** What the format gives to people and to validation names our repository, no other host and no secret. */
function configurationIsOurs(format: Format): void {
  test("a snippet names the repository and no other host", () => {
    const snippets = format.snippets("http://larder.example:8080/team/");
    expect(snippets.length).toBeGreaterThan(0);
    for (const { text } of snippets) {
      expect(text).toContain("http://larder.example:8080/team");
      for (const [, host] of text.matchAll(/https?:\/\/([^/\s"'`]+)/g)) expect(host).toBe("larder.example:8080");
    }
  });

  test("a probe names a document of the format, below the upstream", () => {
    for (const probe of format.probes) checkRef(format, probe, new Map());
  });

  test.each(["http://registry.example", "https://registry.example:8443/a/b", "http://registry.example/a/?q=1#f"])(
    "the canonical URL of %s is stable and ends with a slash",
    (url) => {
      const canonical = format.canonicalUrl(new URL(url));
      expect(canonical.startsWith(new URL(url).origin)).toBe(true);
      expect(canonical.endsWith("/")).toBe(true);
      expect(format.canonicalUrl(new URL(canonical))).toBe(canonical);
    },
  );

  test("a refusal carries its message", () => {
    const refusal = { status: 502, reason: "UPSTREAM_UNAVAILABLE", message: 'the upstream of "x" did not answer' };
    const { body, contentType } = format.refuse(refusal);
    expect(contentType).toMatch(/^[a-z]+\/[a-z+.-]+/);
    expect(body).toContain("did not answer");
  });

  test("adoption reads absolute URLs without user information, and nothing out of rubbish", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "undefined",
        "null",
        "",
        "https://",
        "ftp://registry.example/",
        "http://user:secret@registry.example/a/",
      ),
    );
    fc.assert(
      fc.property(text, (printed) => {
        for (const { read } of format.adoptions) {
          for (const { url } of read(`${printed}\n`)) {
            const { protocol, username, password } = new URL(url);
            expect(protocol).toMatch(/^https?:$/);
            expect(username + password).toBe("");
          }
        }
      }),
    );
  });
}
