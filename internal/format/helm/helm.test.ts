import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DocumentSource, IndexItem } from "../format.ts";
import { formatContract } from "../format-contract.ts";
import { helm } from "./helm.ts";

formatContract(helm, join(import.meta.dirname, "testdata"));

const ref = { kind: "index", key: "index.yaml", upstreamPath: "index.yaml" };

function sourceOf(text: string, more: Partial<DocumentSource> = {}): DocumentSource {
  return { body: Buffer.from(text), contentType: "", url: "http://registry.example/index.yaml", ref, ...more };
}

function read(text: string): IndexItem[] {
  return [...(helm.index?.read(sourceOf(text)) ?? [])];
}

test("relative links hang on the address that was asked for, not on the one that answered", () => {
  const text = "apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, urls: [a.tgz]}\n";
  const moved = {
    url: "https://cdn.example/blob/77?signature=1",
    requestedUrl: "https://charts.example/stable/index.yaml",
  };
  const [chart] = helm.documents.index?.parse(sourceOf(text, moved)).announcements() ?? [];
  expect(chart?.upstreamUrl).toBe("https://charts.example/stable/a.tgz");
});

describe("one bad package or version", () => {
  test("does not hide the others from the whole", () => {
    const items = read(`apiVersion: v1
entries:
  bad:
  - name: "open
  deep:
  - name: deep
    version: 1.0.0
    urls: [deep.tgz]
    more: ${"[".repeat(200)}${"]".repeat(200)}
  good:
  - name: good
    version: 1.0.0
    urls: [good.tgz]
`);
    expect(items.map((item) => (item.kind === "package" ? item.package.name : `issue of ${item.packageName}`))).toEqual(
      ["issue of bad", "issue of deep", "good"],
    );
  });
});

test.each([
  ["deep flow", `apiVersion: v1\nentries: ${"[".repeat(100_000)}\n`],
  [
    "deep blocks",
    `apiVersion: v1\nentries:\n  a:\n${Array.from({ length: 5000 }, (_, i) => `${" ".repeat(i + 3)}k:`).join("\n")}\n`,
  ],
  [
    "deep JSON",
    `{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0","urls":["a"],"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}]}}`,
  ],
  ["many anchors", `apiVersion: v1\nentries:\n  a:\n  - &a name\n${"  - *a\n".repeat(10_000)}`],
])("%s end in a Fault or an issue, never in a crash", (_, text) => {
  try {
    for (const item of read(text)) expect(item.kind).toBe("issue");
    helm.documents.index?.parse(sourceOf(text)).represent("index", { repositoryUrl: "http://127.0.0.1/helm/" });
  } catch (error) {
    expect(error).toMatchObject({ name: "Fault" });
  }
});

test.each([
  ["https://charts.example/stable/index.yaml", "https://charts.example/stable/"],
  ["https://charts.example/stable/index.yaml/", "https://charts.example/stable/"],
  ["https://charts.example", "https://charts.example/"],
  ["https://charts.example/a//?x=1#y", "https://charts.example/a/"],
])("%s means %s", (given, canonical) => {
  expect(helm.canonicalUrl(new URL(given))).toBe(canonical);
});

test("what helm knows is adopted under its names, OCI registries are not", () => {
  const printed = JSON.stringify([
    { name: "Bitnami_Full", url: "https://user:secret@charts.example/bitnami" },
    { name: "my repo!", url: "https://charts.example/mine/index.yaml" },
    { name: "oci", url: "oci://registry.example/charts" },
    { name: "my-repo-", url: "https://charts.example/other" },
    { name: 5, url: null },
    null,
  ]);
  expect(helm.adoptions.flatMap(({ read }) => read(printed))).toEqual([
    { url: "https://charts.example/bitnami/", repositoryId: "helm-bitnami_full" },
    { url: "https://charts.example/mine/", repositoryId: "helm-my-repo-" },
  ]);
});

test("the snippet is the command that adds the repository", () => {
  expect(helm.snippets("http://127.0.0.1:8080/charts/")).toEqual([
    { client: "helm", text: "helm repo add charts http://127.0.0.1:8080/charts/" },
  ]);
});
