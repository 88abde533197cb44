import { startNpmFixture } from "../fixtures/start-fixtures.ts";
import type { ToolName } from "../services/tools.ts";
import { type ClientHome, createClientHome, succeeded, type WhenDone } from "./client-home.ts";
import { APP_TREE, PRINT_TREE } from "./npm-tree.ts";
import type { ClientUpstream, PackageClient } from "./package-client.ts";
import { snippetOf } from "./snippet.ts";

/** How one client of npm registries is called. */
interface NpmCommands {
  readonly name: string;
  readonly tool: ToolName;
  /** By which it is called. */
  readonly program: string;
  readonly add: string;
  readonly frozen: readonly string[];
  readonly lockFile: string;
  readonly integrity: RegExp;
  readonly refusal?: RegExp;
}

const REASON = /is offline by an operator's choice/;
const SHA512 = /sha512-[\w+/]{86}==/g;

const OTHERS: readonly NpmCommands[] = [
  {
    ...{ name: "pnpm", tool: "pnpm", program: "pnpm", add: "add", frozen: ["install", "--frozen-lockfile"] },
    ...{ lockFile: "pnpm-lock.yaml", integrity: SHA512, refusal: /larder-\w+: [\w ]+ - 50[34]/ },
  },
  {
    ...{ name: "yarn 1", tool: "yarn1", program: "yarn", add: "add", frozen: ["install", "--frozen-lockfile"] },
    // Refused, it asks again for twelve seconds and then prints the status.
    ...{ lockFile: "yarn.lock", integrity: SHA512 },
  },
  {
    ...{ name: "yarn 4", tool: "yarn4", program: "yarn", add: "add", frozen: ["install", "--immutable"] },
    ...{ lockFile: "yarn.lock", integrity: /checksum: \w+\/[0-9a-f]{128}/g, refusal: REASON },
  },
  {
    ...{ name: "bun", tool: "bun", program: "bun", add: "add", frozen: ["install", "--frozen-lockfile"] },
    ...{ lockFile: "bun.lock", integrity: SHA512, refusal: /larder-\w+ - 50[34]/ },
  },
];

export const npm: PackageClient = npmClient({
  ...{ name: "npm", tool: "npm", program: "npm", add: "install", frozen: ["ci"] },
  ...{ lockFile: "package-lock.json", integrity: SHA512, refusal: REASON },
});

/** npm, pnpm, both yarns and bun. */
export const NPM_CLIENTS: readonly PackageClient[] = [npm, ...OTHERS.map(npmClient)];

/** A download that fails is not tried again: the tests make it fail on purpose. */
const NO_RETRIES = {
  npm_config_fetch_retries: "0",
  pnpm_config_fetch_retries: "0",
  YARN_HTTP_RETRY: "0",
  BUN_CONFIG_HTTP_RETRY_COUNT: "0",
};

/** A new machine with a project; `tool` is one of the npm family. */
export async function newNpmHome(tool: ToolName, dependencies: object, whenDone?: WhenDone): Promise<ClientHome> {
  const home = await createClientHome([tool], NO_RETRIES, whenDone);
  await home.write("package.json", {
    ...{ name: "project", version: "1.0.0", private: true, license: "MIT", dependencies },
    scripts: { greet: "larder-greet", "print-tree": "node print-tree.cjs", "print-version": "node print-version.cjs" },
  });
  await home.write("print-tree.cjs", PRINT_TREE);
  await home.write("print-version.cjs", 'console.log("version", require(process.env.PACKAGE).version);\n');
  return home;
}

function npmClient({ name, tool, program, add, frozen, lockFile, integrity, ...more }: NpmCommands): PackageClient {
  // Each command stands for a user who has just pasted the snippet.
  const configured = async (home: ClientHome, url: string, ...args: string[]) => {
    succeeded(await home.paste(snippetOf("npm", name, url)));
    return home.run(program, ...args);
  };
  return {
    ...{ name, tools: [tool], ...more, startUpstream: startNpmUpstream },
    newHome: (_url, whenDone) => newNpmHome(tool, DEPENDENCIES, whenDone),
    install: (home, url) => configured(home, url, "install"),
    tree: [...APP_TREE, "hello from the fixture"],
    installed: (home) => printed(home, program),
    add: (home, url, packageName) => configured(home, url, add, packageName),
    versionOf: (home, packageName) => versionOf(home, program, packageName),
    lock: {
      ...{ file: lockFile, integrity, count: 9 },
      install: (home, url) => configured(home, url, ...frozen),
    },
  };
}

// The newer larder-left is named, so that every client puts the same version of it into the same places.
const DEPENDENCIES = { "larder-app": "^1.0.0", "larder-greet": "^1.0.0", "larder-left": "^1.1.0" };

async function startNpmUpstream(): Promise<ClientUpstream> {
  const { site, upstream, stop } = await startNpmFixture();
  return {
    settings: { format: "npm", upstreamUrl: upstream.url },
    servers: [upstream],
    publish: (name, version) => void site.publish(name, version),
    behaveForFiles: (name, behaviour) => upstream.behaveFor(`/${name}/-/`, behaviour),
    stop,
  };
}

async function printed(home: ClientHome, program: string): Promise<string[]> {
  const tree = await home.mustRun(program, "run", "print-tree");
  const greeting = await home.mustRun(program, "run", "greet");
  return `${tree}${greeting}`.split("\n").filter((line) => /^larder-app|^hello/.test(line));
}

async function versionOf(home: ClientHome, program: string, packageName: string): Promise<string | undefined> {
  const { output } = await home.run("env", `PACKAGE=${packageName}`, program, "run", "print-version");
  return /^version (\S+)$/m.exec(output)?.[1];
}
