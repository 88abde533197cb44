import { existsSync } from "node:fs";
import { runCommand } from "./command.ts";

/** Whether packages can be installed here: Debian or Ubuntu, as root. */
export function canInstallPackages(): boolean {
  return existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
}

/** Installs the packages, upgrades none that is there; returns the reason for each one that could not be installed. */
export async function installPackages(packages: readonly string[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>();
  if (packages.length === 0) return failed;
  await aptGet(["update"]);
  if ((await install(packages)) === undefined) return failed;

  // One name that this release does not know must not keep the others out.
  for (const name of packages) {
    const reason = await install([name]);
    if (reason !== undefined) failed.set(name, reason);
  }
  return failed;
}

async function install(packages: readonly string[]): Promise<string | undefined> {
  const { code, output } = await aptGet(["install", "-y", "--no-install-recommends", "--no-upgrade", ...packages]);
  return code === 0 ? undefined : (output.trim().split("\n").at(-1) ?? `apt-get ended with ${code}`);
}

function aptGet(args: readonly string[]) {
  return runCommand("/usr/bin/apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    environment: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
