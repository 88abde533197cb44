import type { Format } from "../format.ts";
import { adoptions } from "./adoptions.ts";
import { canonicalUrl } from "./canonical-url.ts";
import { documents } from "./documents.ts";
import { refuse } from "./refuse.ts";
import { packumentRef, route } from "./route.ts";
import { snippets } from "./snippets.ts";

/** The npm registry protocol (protocols.md §1), reading side. */
export const npm: Format = {
  id: "npm",
  label: "npm",
  clients: ["npm", "pnpm", "yarn", "bun"],
  documents,
  route,
  canonicalUrl,
  refuse,
  snippets,
  adoptions,
  // A package that everything depends on and whose document is small; a registry with private packages only answers the ping.
  probes: [packumentRef("once"), { kind: "ping", key: "-/ping", upstreamPath: "-/ping" }],
};
