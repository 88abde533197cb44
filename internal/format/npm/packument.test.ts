import { describe, expect, test } from "vitest";
import type { DocumentSource } from "../format.ts";
import { readPackument } from "./packument.ts";
import { packumentRef } from "./route.ts";

const HERE = { repositoryUrl: "http://127.0.0.1:8080/npm/" };

function source(packageName: string, body: string): DocumentSource {
  const ref = packumentRef(packageName);
  return { ref, body: Buffer.from(body), contentType: "application/json", url: `http://registry.example/${ref.key}` };
}

/** `count` versions, published a minute apart, each with a script, a signature and a dependency called "__proto__". */
function largePackument(packageName: string, count: number): string {
  const versions = Array.from({ length: count }, (_, patch) => `1.0.${patch}`);
  const manifest = (version: string) =>
    `{"name":"${packageName}","version":"${version}","readme":"${"x".repeat(1_000)}","scripts":{"install":"make"},` +
    `"dependencies":{"__proto__":"1.0.0"},"dist":{"shasum":"${version.padEnd(40, "0").replaceAll(".", "a")}",` +
    `"tarball":"http://registry.example/${packageName}/-/${packageName}-${version}.tgz","signatures":[{"sig":"${version}"}]}}`;
  const timeOf = (_: string, index: number) => new Date(1_600_000_000_000 + index * 60_000).toISOString();
  return (
    `{"name":"${packageName}","dist-tags":{"latest":"1.0.${count - 1}"},` +
    `"versions":{${versions.map((version) => `"${version}":${manifest(version)}`).join()}},` +
    `"time":${JSON.stringify(Object.fromEntries(versions.map((version, index) => [version, timeOf(version, index)])))}}`
  );
}

describe("a packument of 4,000 versions", () => {
  const text = largePackument("large", 4_000);
  const parsed = readPackument(source("large", text));

  test("announces every tarball with its digest and its time", () => {
    const announced = [...parsed.announcements()];
    expect(announced).toHaveLength(4_000);
    expect(announced.at(-1)).toEqual({
      path: "large/-/large-1.0.3999.tgz",
      upstreamUrl: "http://registry.example/large/-/large-1.0.3999.tgz",
      digests: { sha1: "1a0a3999".padEnd(40, "0") },
      packageName: "large",
      version: "1.0.3999",
      publishTime: new Date(1_600_000_000_000 + 3_999 * 60_000).toISOString(),
    });
  });

  test("differs in its full form by the tarball addresses only", () => {
    const ours = text.replaceAll("http://registry.example/large/-/", `${HERE.repositoryUrl}large/-/`);
    expect(parsed.represent("full", HERE)?.body).toBe(ours);
  });

  test("keeps every version, and no more of it than installing needs, in its abbreviated form", () => {
    const body = String(parsed.represent("abbreviated", HERE)?.body);
    const { versions, time } = JSON.parse(body);
    expect(Object.keys(versions)).toHaveLength(4_000);
    expect(Object.keys(time)).toHaveLength(4_000);
    expect(Object.keys(versions["1.0.7"])).toEqual(["name", "version", "dependencies", "dist", "hasInstallScript"]);
    expect(body).toContain('"dependencies":{"__proto__":"1.0.0"}');
    expect(body).not.toContain("registry.example");
  });
});

test("one document serves several base URLs, in any order", () => {
  const parsed = readPackument(source("large", largePackument("large", 2)));
  const bodyAt = (repositoryUrl: string) => String(parsed.represent("full", { repositoryUrl })?.body);
  const first = bodyAt("http://a.example/x/");
  expect(bodyAt("http://b.example/")).toContain('"http://b.example/large/-/large-1.0.1.tgz"');
  expect(bodyAt("http://a.example/x/")).toBe(first);
  expect([...parsed.announcements()].map(({ upstreamUrl }) => new URL(upstreamUrl).host)).toEqual([
    "registry.example",
    "registry.example",
  ]);
});

test("prototype names in a document pollute nothing and survive", () => {
  const text =
    '{"__proto__":{"polluted":1},"name":"p","dist-tags":{"__proto__":"1.0.0"},"constructor":{"prototype":{"polluted":1}},' +
    '"versions":{"__proto__":{"__proto__":{"polluted":1},"dist":{"__proto__":{"tarball":"http://registry.example/x"}}}},"time":{}}';
  const parsed = readPackument(source("p", text));
  expect([...parsed.announcements()]).toEqual([]);
  expect(parsed.represent("full", HERE)?.body).toBe(text);
  expect(String(parsed.represent("abbreviated", HERE)?.body)).toContain('"versions":{"__proto__":{"dist":');
  for (const name of ["constructor", "toString", "hasOwnProperty", "valueOf"]) {
    expect(parsed.represent(`version/${name}`, HERE)).toBeUndefined();
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("a document that nobody asked for in that form has no such representation", () => {
  const parsed = readPackument(source("p", '{"name":"p","versions":{}}'));
  expect(parsed.represent("", HERE)).toBeUndefined();
  expect(parsed.represent("toString", HERE)).toBeUndefined();
});

test("a document that is nested too deep to write is a limit, not a crash", () => {
  const depth = 200_000;
  const text = `{"name":"deep","versions":{},"readme":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  const write = () => readPackument(source("deep", text)).represent("full", HERE);
  expect(write).toThrow(expect.objectContaining({ reason: "LIMIT_EXCEEDED" }));
});
