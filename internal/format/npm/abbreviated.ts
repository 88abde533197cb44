import { isObject, type JsonObject, own } from "./json.ts";
import type { Release } from "./release.ts";

/** What a registry keeps of a manifest in its abbreviated packument. */
const FIELDS = [
  ...["name", "version", "deprecated", "dependencies", "optionalDependencies", "devDependencies", "peerDependencies"],
  ...["peerDependenciesMeta", "acceptDependencies", "bundleDependencies", "bundledDependencies", "bin", "directories"],
  ...["dist", "engines", "cpu", "os", "libc", "funding", "_hasShrinkwrap", "hasInstallScript"],
] as const;
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"] as const;

/**
 * The abbreviated packument, as a registry derives it from the full one. Unlike a registry's it carries `time` as well:
 * clients with an age gate then need no second request.
 */
export function abbreviated(packument: JsonObject, releases: readonly Release[]): JsonObject {
  const modified = own(packument.time, "modified") ?? packument.modified;
  return {
    name: packument.name ?? packument._id,
    ...(modified !== undefined && { modified }),
    "dist-tags": packument["dist-tags"] ?? {},
    versions: Object.fromEntries(releases.map(({ version, manifest }) => [version, abbreviatedManifest(manifest)])),
    ...(isObject(packument.time) && { time: packument.time }),
  };
}

function abbreviatedManifest(manifest: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const field of FIELDS) {
    if (Object.hasOwn(manifest, field)) kept[field] = manifest[field];
  }
  if (!Object.hasOwn(kept, "hasInstallScript") && runsAtInstall(manifest.scripts)) kept.hasInstallScript = true;
  return kept;
}

function runsAtInstall(scripts: unknown): boolean {
  return INSTALL_SCRIPTS.some((name) => Boolean(own(scripts, name)));
}
