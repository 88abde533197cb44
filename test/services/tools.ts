import { join, resolve } from "node:path";
import { findBinary, isExecutable } from "./find-binary.ts";
import { goToolPath } from "./go-tools.ts";
import { pythonToolPath } from "./python-tools.ts";

const MODULES = resolve(import.meta.dirname, "../../node_modules");

// Bun's install script moves this binary to .bin; where npm runs no scripts it is still here, and .bin has a placeholder.
const BUN_PLATFORM_BINARY = join(
  MODULES,
  `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : process.arch}/bin/bun`,
);

/** Where each tool is looked for. Pinned ones first where we pin them, else whatever the PATH has. */
const PLACES = {
  npm: () => findBinary("npm"),
  pnpm: () => join(MODULES, ".bin/pnpm"),
  yarn1: () => join(MODULES, "yarn1/bin/yarn.js"),
  yarn4: () => join(MODULES, "yarn4/bin/yarn.js"),
  bun: () => [BUN_PLATFORM_BINARY, join(MODULES, ".bin/bun")].find(isExecutable),
  python: () => pythonToolPath("python"),
  pip: () => pythonToolPath("pip"),
  uv: () => pythonToolPath("uv"),
  twine: () => pythonToolPath("twine"),
  helm: () => findBinary("helm") ?? goToolPath("helm"),
  grpcurl: () => findBinary("grpcurl") ?? goToolPath("grpcurl"),
  strace: () => findBinary("strace"),
  faketime: () => findBinary("faketime"),
} as const satisfies Record<string, () => string | undefined>;

/**
 * A program that tests drive and that the machine may lack; `yarn1` and `yarn4` are both yarn, and `python` also
 * has the modules build, setuptools and wheel. The servers are no tools: a run without them fails.
 */
export type ToolName = keyof typeof PLACES;

/** Every tool, in the order in which they are reported. */
export const TOOL_NAMES = Object.keys(PLACES) as ToolName[];

/** Path of the tool's executable; undefined when neither the machine nor the tool cache has it. */
export function findTool(name: ToolName): string | undefined {
  const path = PLACES[name]();
  return path !== undefined && isExecutable(path) ? path : undefined;
}

/** As `findTool`; throws when the tool is missing. For use below `describeWithTools`, which sees to that. */
export function requireTool(name: ToolName): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${name} is missing: run npm test, which installs it where it can`);
  return path;
}
