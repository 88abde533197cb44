import type { AdoptedUpstream, Adoption } from "../format.ts";
import { canonicalUrl } from "./canonical-url.ts";

const NPMRC = /^\s*registry\s*=\s*["']?(?<url>[^"'\s;#]+)/m;
const YARNRC = /^npmRegistryServer:\s*["']?(?<url>[^"'\s#]+)/m;
// `registry = "…"` or `registry = { url = "…", token = "…" }`.
const BUNFIG = /^\s*registry\s*=\s*(?:\{[^}\n]*?url\s*=\s*)?["'](?<url>[^"'\s]+)/m;

/** npm answers with its own default when nothing is configured; the others only count where somebody set them. */
export const adoptions: readonly Adoption[] = [
  { kind: "command", command: ["npm", "config", "get", "registry"], read: upstreamIn },
  { kind: "environment", variable: "npm_config_registry", read: upstreamIn },
  { kind: "environment", variable: "NPM_CONFIG_REGISTRY", read: upstreamIn },
  { kind: "environment", variable: "YARN_NPM_REGISTRY_SERVER", read: upstreamIn },
  { kind: "environment", variable: "BUN_CONFIG_REGISTRY", read: upstreamIn },
  { kind: "file", path: "~/.npmrc", read: (text) => upstreamIn(NPMRC.exec(text)?.groups?.url) },
  { kind: "file", path: "~/.yarnrc.yml", read: (text) => upstreamIn(YARNRC.exec(text)?.groups?.url) },
  { kind: "file", path: "~/.bunfig.toml", read: (text) => upstreamIn(BUNFIG.exec(text)?.groups?.url) },
];

/** npm prints "undefined" for what is not set; user information stays behind. */
function upstreamIn(text: string | undefined): AdoptedUpstream[] {
  const url = URL.parse(text?.trim() ?? "");
  return url && /^https?:$/.test(url.protocol) ? [{ url: canonicalUrl(url) }] : [];
}
