import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "./command.ts";
import { findBinary } from "./find-binary.ts";
import { pathBeside, toolCacheFolder } from "./tool-cache.ts";

/** A client that its project publishes as source only. */
export type GoTool = "helm" | "grpcurl";

const SOURCES: Record<GoTool, { module: string; version: string }> = {
  grpcurl: { module: "github.com/fullstorydev/grpcurl/cmd/grpcurl", version: "v1.9.4" },
  helm: { module: "helm.sh/helm/v3/cmd/helm", version: "v3.22.0" },
};

/** The toolchain that an older go fetches as a module to build the sources with. */
const TOOLCHAIN = { module: "golang.org/toolchain", version: "v0.0.1-go1.26.8" };

/** Path that the tool has when it is installed; a change of its pin is another path. */
export function goToolPath(tool: GoTool): string {
  return join(toolCacheFolder(), `${tool}-${SOURCES[tool].version}`, tool);
}

/** Builds the tool with the machine's go and its module proxy; minutes on a small machine. Throws with go's output. */
export async function installGoTool(tool: GoTool): Promise<void> {
  const go = await modernGo();
  const path = goToolPath(tool);
  const built = pathBeside(join(path, ".."));
  const { module, version } = SOURCES[tool];
  await mkdir(join(path, ".."), { recursive: true });
  await mustRun(go, ["install", `${module}@${version}`], {
    environment: { ...goEnvironment(), GOBIN: built, CGO_ENABLED: "0" },
  });
  await rename(join(built, tool), path);
  await rm(built, { recursive: true });
}

/** The machine's go when it can fetch the toolchain that a module asks for (1.21 and later), else a newer one. */
async function modernGo(): Promise<string> {
  const go = findBinary("go");
  if (go === undefined) throw new Error("go is not on the PATH");
  const minor = /go1\.(?<minor>\d+)/.exec(await mustRun(go, ["version"]))?.groups?.minor;
  return Number(minor) >= 21 ? go : fetchToolchain(go);
}

/** Debian 12 has go 1.19. Toolchains are modules, so its proxy and checksums serve; only the executable bits are lost. */
async function fetchToolchain(go: string): Promise<string> {
  const platform = `linux-${process.arch === "x64" ? "amd64" : process.arch}`;
  const toolchain = `${TOOLCHAIN.module}@${TOOLCHAIN.version}.${platform}`;
  const answer = await mustRun(go, ["mod", "download", "-json", toolchain], { environment: goEnvironment() });
  const { Dir: folder } = JSON.parse(answer) as { Dir: string };
  for (const part of ["bin", "pkg/tool"]) {
    const files = await readdir(join(folder, part), { recursive: true, withFileTypes: true });
    await Promise.all(
      files.filter((file) => file.isFile()).map((file) => chmod(join(file.parentPath, file.name), 0o555)),
    );
  }
  return join(folder, "bin/go");
}

// A toolchain of the PATH would be asked for its own files if GOROOT stayed set.
function goEnvironment(): NodeJS.ProcessEnv {
  const { GOROOT: _, ...environment } = process.env;
  return environment;
}
