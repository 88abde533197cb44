import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "./test-server.ts";

let larder: TestServer;
let upstreamUrl: string;
const folder = mkdtempSync(join(tmpdir(), "larder-cli-"));
const secretFile = join(folder, "secret");
beforeAll(async () => {
  writeFileSync(secretFile, "hidden-word\n");
  larder = await startTestServer();
  upstreamUrl = larder.process.upstream.url;
  await create("charts", "--label", "team=web", "--label", "tier=1", "--metadata-ttl", "10m", "--visibility", "public");
});
afterAll(async () => {
  await larder.close();
  rmSync(folder, { recursive: true });
});

const create = (id: string, ...more: string[]) =>
  larder.run("repo", "create", id, "--format", "helm", "--upstream-url", upstreamUrl, ...more);

test("create tries the upstream, stores every field, and get shows them", async () => {
  const shown = await larder.run("repo", "get", "charts");
  expect(shown).toMatch(/^id +charts\n/);
  expect(shown).toMatch(/^labels +team=web, tier=1$/m);
  expect(shown).toMatch(/^metadata TTL +10m$/m);
  expect(shown).toMatch(/^created +\d{4}-\d\d-\d\dT.*Z \(\d+s ago\)$/m);
  expect(await larder.json("repo", "get", "repositories/charts")).toMatchObject({
    name: "repositories/charts",
    format: "helm",
    upstreamUrl,
    visibility: "VISIBILITY_PUBLIC",
    labels: { team: "web", tier: "1" },
    metadataTtl: "600s",
    hasCredential: false,
    description: "",
  });
});

test("an upstream that does not answer is refused with what to do, or taken as it is", async () => {
  const argv = ["repo", "create", "nowhere", "--format", "helm", "--upstream-url", `${upstreamUrl}nowhere/`];
  const refused = await larder.attempt(argv);
  expect(refused).toMatchObject({ exitCode: 1, output: "" });
  expect(refused.errors).toMatch(
    /^error: the upstream does not answer as it should.*\(REPOSITORY_INVALID\)\nhint: .*--allow-invalid/,
  );
  const taken = await larder.attempt([...argv, "--allow-invalid"]);
  expect(taken.exitCode).toBe(0);
  expect(taken.output).toMatch(/^state +UNREACHABLE$/m);
  expect(taken.errors).toContain("larder repo validate nowhere");
});

test("list is a table for people and the whole answer for programs", async () => {
  await create("beta");
  const table = (await larder.run("repo", "list", "--filter", 'state = "ACTIVE"', "--order-by", "id desc")).split("\n");
  expect(table[0]).toMatch(/^ID +FORMAT +VISIBILITY +STATE +MODE +UPDATED +UPSTREAM$/);
  expect(table[1]).toMatch(/^charts +helm +PUBLIC +ACTIVE +ONLINE +\d+s +http/);
  expect(table[2]).toMatch(/^beta +helm +PRIVATE/);
  const answer = await larder.json("repo", "list", "--limit", "1");
  expect(answer).toMatchObject({ repositories: [{ name: "repositories/beta" }] });
  expect(answer.nextPageToken).not.toBe("");
  const limited = await larder.attempt(["repo", "list", "--limit", "1"]);
  expect(limited.errors).toBe("only the first 1: there are more\n");
});

test("an empty list says so beside standard output", async () => {
  const none = await larder.attempt(["repo", "list", "--filter", 'format = "npm"']);
  expect(none).toEqual({ exitCode: 0, output: "", errors: "nothing found\n" });
  expect(await larder.json("repo", "list", "--filter", 'format = "npm"')).toEqual({
    repositories: [],
    nextPageToken: "",
  });
});

test("update changes what is given, clears what is named, and holds to an etag", async () => {
  await create("changing", "--label", "a=b", "--metadata-ttl", "1h", "--description", "before");
  const changed = await larder.json(
    ...["repo", "update", "changing", "--display-name", "Charts", "--visibility", "internal"],
    ...["--clear", "labels", "--clear", "metadata-ttl", "--sync-interval", "2h"],
  );
  expect(changed).toMatchObject({ displayName: "Charts", visibility: "VISIBILITY_INTERNAL", description: "before" });
  expect(changed).toMatchObject({ labels: {}, syncInterval: "7200s" });
  expect(changed.metadataTtl).toBeUndefined();
  const stale = await larder.attempt(["repo", "update", "changing", "--description", "x", "--etag", '"1"']);
  expect(stale).toMatchObject({ exitCode: 1 });
  expect(stale.errors).toMatch(/\(ETAG_STALE\)\nhint: larder repo get/);
  const { etag } = changed;
  expect((await larder.json("repo", "update", "changing", "--description", "after", "--etag", etag)).description).toBe(
    "after",
  );
});

test("delete takes several, undelete takes it back, and both are events", async () => {
  await create("one");
  await create("two");
  expect(await larder.run("repo", "delete", "one", "two")).toBe("deleted one\ndeleted two\n");
  expect(await larder.run("repo", "list")).not.toContain("one");
  expect(await larder.run("repo", "list", "--deleted")).toMatch(/^one .* DELETED/m);
  expect(await larder.run("repo", "undelete", "one")).toMatch(/^id +one$/m);
  const types = (await larder.json("repo", "events", "one")).events.map(({ type }: { type: string }) => type);
  expect(types).toEqual(["UNDELETED", "DELETED", "CREATED"]);
  expect(await larder.run("repo", "delete", "one")).toBe("deleted one\n");
  expect(await larder.run("repo", "events", "--limit", "1")).toMatch(
    /^ *AGE +REPOSITORY +TYPE +ACTOR +MESSAGE\n.* one +DELETED /,
  );
});

test("a credential is set, replaced and cleared, and never printed", async () => {
  await create("locked", "--username", "ci", "--password-file", secretFile);
  expect((await larder.json("repo", "get", "locked")).hasCredential).toBe(true);
  expect(await larder.run("repo", "credential", "locked", "--clear")).toBe("locked has no credential\n");
  const piped = await larder.attempt(["repo", "credential", "locked", "--header", "x-key", "--header-file", "-"], {
    input: "hidden-word\n",
  });
  expect(piped).toEqual({ exitCode: 0, output: "locked has a credential\n", errors: "" });
  const neither = await larder.attempt(["repo", "credential", "locked"]);
  expect(neither).toMatchObject({ exitCode: 2, errors: "error: give a credential, or --clear (ARGUMENT_INVALID)\n" });
  const shown = `${await larder.run("repo", "get", "locked")}${await larder.run("repo", "events", "locked", "--json")}`;
  expect(shown).not.toContain("hidden-word");
});

test("offline and online, of one and of all", async () => {
  expect(await larder.run("repo", "offline", "charts")).toBe("charts is OFFLINE\n");
  expect((await larder.json("repo", "get", "charts")).upstreamMode).toBe("UPSTREAM_MODE_OFFLINE");
  expect(await larder.run("repo", "online", "--all")).toBe("every repository is ONLINE\n");
  expect((await larder.json("repo", "get", "charts")).upstreamMode).toBe("UPSTREAM_MODE_ONLINE");
  expect((await larder.attempt(["repo", "offline"])).exitCode).toBe(2);
  expect((await larder.attempt(["repo", "offline", "charts", "--all"])).exitCode).toBe(2);
});

test("validate writes a line a step, what it found, and fails with what to do", async () => {
  const valid = await larder.attempt(["repo", "validate", "--upstream-url", upstreamUrl]);
  expect(valid.output).toMatch(/^✔ parse\n/);
  expect(valid.output).toMatch(/^– tls +/m);
  expect(valid.output).toMatch(/^valid\nformat +helm\nupstream URL +http.*\npackages +2\nversions +3\n/m);
  expect(valid).toMatchObject({ exitCode: 0, errors: "" });
  const wrong = await larder.attempt(["repo", "validate", "--format", "helm", "--upstream-url", `${upstreamUrl}x/`]);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.output).toMatch(/^✖ index_fetch +.+\n +→ .+$/m);
  expect(wrong.output).toMatch(/^not valid$/m);
  const steps = (await larder.run("repo", "validate", "charts", "--json"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(steps[0]).toMatchObject({ step: { id: "parse", status: "VALIDATION_STATUS_PASSED" } });
  expect(steps.at(-1)).toMatchObject({ preview: { valid: true, versionCount: "3" } });
  expect((await larder.attempt(["repo", "validate"])).exitCode).toBe(2);
  expect((await larder.attempt(["repo", "validate", "charts", "--format", "helm"])).exitCode).toBe(2);
});
