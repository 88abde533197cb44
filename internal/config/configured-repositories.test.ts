import { expect, test } from "vitest";
import { isFault } from "#internal/fault/fault.ts";
import { readConfiguration } from "./configuration.ts";

const FILES: Record<string, string> = { "/run/password": "p4ss\n", "/run/empty": "\n" };

function read(yaml: string) {
  return readConfiguration({ readFile: (path) => (path === "larder.yaml" ? yaml : FILES[path]) }).repositories;
}

const BASE = "repositories:\n  - id: npm\n    format: npm\n    upstreamUrl: http://registry.example/\n";

test("a full entry", () => {
  const yaml = `repositories:
  - id: helm
    format: helm
    upstreamUrl: https://registry.example/charts/
    displayName: Charts
    description: ""
    visibility: VISIBILITY_INTERNAL
    labels: { team: core, tier: 1 }
    metadataTtl: 300s
    syncInterval: 1h30m
    fileOrigins: ["https://files.example"]
    upstreamMode: OFFLINE
    credential: { basic: { username: u, passwordFile: /run/password } }
`;
  expect(read(yaml)).toEqual([
    {
      id: "helm",
      format: "helm",
      upstreamUrl: "https://registry.example/charts/",
      displayName: "Charts",
      description: "",
      visibility: "INTERNAL",
      labels: { team: "core", tier: "1" },
      metadataTtlMs: 300_000,
      syncIntervalMs: 5_400_000,
      fileOrigins: ["https://files.example"],
      upstreamMode: "OFFLINE",
      credential: { kind: "basic", username: "u", password: "p4ss" },
    },
  ]);
});

test.each([
  ["bearer: { token: 0123 }", { kind: "bearer", token: "0123" }],
  ["header: { name: X-Key, value: v }", { kind: "header", name: "X-Key", value: "v" }],
  ["basic: { username: u, password: p }", { kind: "basic", username: "u", password: "p" }],
])("credential %s", (yaml, want) => {
  expect(read(`${BASE}    credential: { ${yaml} }\n`)[0]?.credential).toEqual(want);
});

test.each([
  ["repositories: nonsense", "repositories in larder.yaml must be a list"],
  ["repositories: [npm]", "repositories[0] in larder.yaml must be a mapping"],
  ["repositories: [{format: npm}]", "repositories[0].id in larder.yaml is missing"],
  [
    `${BASE}    metadataTTL: 5m`,
    "repositories[0].metadataTTL in larder.yaml is not a field that can be set (did you mean metadataTtl?)",
  ],
  [`${BASE}    state: ACTIVE`, "repositories[0].state in larder.yaml is not a field"],
  [`${BASE}    metadataTtl: 5`, "repositories[0].metadataTtl in larder.yaml must be a duration"],
  [
    `${BASE}    visibility: SECRET`,
    "repositories[0].visibility in larder.yaml must be one of PUBLIC, INTERNAL, PRIVATE",
  ],
  [`${BASE}    labels: [a]`, "repositories[0].labels in larder.yaml must be a mapping"],
  [`${BASE}    fileOrigins: x`, "repositories[0].fileOrigins in larder.yaml must be a list"],
  [`${BASE}    credential: {}`, "repositories[0].credential in larder.yaml must have exactly one of"],
  [`${BASE}    credential: { bearer: {} }`, "must have a secret"],
  [`${BASE}    credential: { bearer: { tokenFile: /run/empty } }`, "must have a secret"],
  [`${BASE}    credential: { bearer: { tokenFile: /gone } }`, "must have a secret"],
  [`${BASE}    credential: { bearer: { token: a, tokenFile: /run/password } }`, "not both"],
  [
    `${BASE}    credential: { basic: { password: s3cr3t } }`,
    "repositories[0].credential.basic.username in larder.yaml is missing",
  ],
  [`${BASE}${BASE.slice(BASE.indexOf("\n") + 1)}`, 'repositories[1].id in larder.yaml "npm" stands there twice'],
])("stops at %s", (yaml, message) => {
  let thrown: unknown;
  try {
    read(yaml);
  } catch (error) {
    thrown = error;
  }
  expect(isFault(thrown, "ARGUMENT_INVALID")).toBe(true);
  expect((thrown as Error).message).toContain(message);
  expect((thrown as Error).message).not.toContain("s3cr3t");
});
