import { createHash } from "node:crypto";
import { mkdir, rename, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { mustRun } from "./command.ts";
import { findBinary } from "./find-binary.ts";
import { pathBeside, toolCacheFolder } from "./tool-cache.ts";

// pip too: the one that a machine's Python brings may be years old.
const REQUIREMENTS = ["pip==26.3", "uv==0.13.8", "build==1.6.1", "twine==7.0.0", "setuptools==84.2.1", "wheel==0.48.0"];

/** Path that a program of the tests' Python environment has when it is installed. */
export function pythonToolPath(name: string): string {
  return join(environmentFolder(), "bin", name);
}

/** Makes the tests' Python environment, with the machine's own pip configuration. Throws with pip's output. */
export async function installPythonTools(): Promise<void> {
  const python = findBinary("python3");
  if (python === undefined) throw new Error("python3 is not on the PATH");
  await mkdir(toolCacheFolder(), { recursive: true });

  const folder = environmentFolder();
  // The scripts of an environment hold its path, so it is built where it stays and a link makes it visible.
  const built = pathBeside(folder);
  await mustRun(python, ["-m", "venv", built]);
  await mustRun(join(built, "bin/python"), ["-m", "pip", "install", "--quiet", ...REQUIREMENTS]);
  const link = pathBeside(folder);
  await symlink(basename(built), link);
  await rename(link, folder);
}

/** A change of the pins is another folder. */
function environmentFolder(): string {
  const pins = createHash("sha256").update(REQUIREMENTS.join("\n")).digest("hex").slice(0, 12);
  return join(toolCacheFolder(), `python-${pins}`);
}
