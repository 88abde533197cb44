import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formats } from "#internal/format/formats.ts";
import { adoptUpstreams } from "./adopt.ts";

const OWN_URL = "http://127.0.0.1:8080/";

/** A machine whose only programs are the given scripts. */
async function machine(programs: Record<string, string>, files: Record<string, string> = {}) {
  const home = await mkdtemp(join(tmpdir(), "larder-adopt-"));
  const bin = join(home, "bin");
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  return { env: { HOME: home, PATH: bin }, ownUrls: [OWN_URL] };
}

const adopt = async (surroundings: { env: NodeJS.ProcessEnv; ownUrls: readonly string[] }) =>
  (await adoptUpstreams(formats.values(), surroundings)).map(({ format, ...rest }) => ({ ...rest, format: format.id }));

test("a machine without clients has nothing to adopt", async () => {
  expect(await adopt(await machine({}))).toEqual([]);
});

test("npm's registry is asked of npm", async () => {
  const surroundings = await machine({ npm: "echo http://registry.example/npm/" });
  expect(await adopt(surroundings)).toEqual([
    {
      url: "http://registry.example/npm/",
      fileOrigins: [],
      repositoryId: "npm",
      format: "npm",
      foundIn: "npm config get registry",
    },
  ]);
});

test("what npm tells the scripts that it runs is not taken for the user's word", async () => {
  const surroundings = await machine({ npm: `echo "\${npm_config_registry:-http://registry.example/}"` });
  const env = { ...surroundings.env, npm_config_registry: "http://inherited.example/", npm_command: "start" };
  expect((await adopt({ ...surroundings, env }))[0]?.url).toBe("http://registry.example/");
});

test("a client that points at Larder already, fails or prints rubbish says nothing", async () => {
  expect(await adopt(await machine({ npm: `echo ${OWN_URL}npm/`, pip: "exit 1", python3: "echo rubbish" }))).toEqual(
    [],
  );
});

test.each([
  { own: "http://127.0.0.1:8080/", url: "http://localhost:8080/npm/" },
  { own: "http://0.0.0.0:8080/", url: "http://127.0.0.1:8080/npm/" },
  { own: "http://[::1]:8080/", url: "http://localhost:8080/npm/" },
  { own: "https://larder.example/", url: "https://LARDER.example:443/npm/" },
])("a client at $url points at Larder at $own", async ({ own, url }) => {
  const surroundings = await machine({ npm: `echo ${url}` });
  expect(await adopt({ ...surroundings, ownUrls: ["http://another.example/", own] })).toEqual([]);
});

test("another server of this machine is an upstream like any other", async () => {
  const surroundings = await machine({ npm: "echo http://localhost:4873/" });
  expect(await adopt(surroundings)).toMatchObject([{ url: "http://localhost:4873/" }]);
});

test("a client that ignores SIGTERM is ended all the same", async () => {
  const surroundings = await machine({ npm: "trap '' TERM; while :; do :; done" });
  expect(await adopt(surroundings)).toEqual([]);
});

test("the best source decides, and another one of the same upstream adds where its files are", async () => {
  const python3 = "printf 'http://index.example/simple\\nhttp://files.example\\n'";
  const surroundings = await machine({ python3 });
  const env = { ...surroundings.env, PIP_INDEX_URL: "http://user:secret@index.example/simple/" };
  const [pypi] = await adopt({ ...surroundings, env });
  expect(pypi).toMatchObject({
    repositoryId: "pypi",
    foundIn: "$PIP_INDEX_URL",
    fileOrigins: ["http://files.example"],
  });
  expect(JSON.stringify(pypi)).not.toContain("secret");
});

test("a source in a file of the home folder", async () => {
  const surroundings = await machine({}, { ".npmrc": "registry=http://registry.example/\n" });
  expect(await adopt(surroundings)).toMatchObject([{ format: "npm", foundIn: "~/.npmrc" }]);
});
