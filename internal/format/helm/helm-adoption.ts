import type { AdoptedUpstream, Adoption } from "../format.ts";

const MAX_ID_LENGTH = 63;

/** The repositories that this machine's helm knows. Those in OCI registries speak another protocol. */
export const helmAdoption: Adoption = { kind: "command", command: ["helm", "repo", "list", "-o", "json"], read };

function read(text: string): AdoptedUpstream[] {
  const adopted = new Map<string, AdoptedUpstream>();
  for (const { name, url } of listed(text)) {
    const repositoryId = toRepositoryId(name);
    if (!adopted.has(repositoryId)) adopted.set(repositoryId, { url: canonicalUrl(url), repositoryId });
  }
  return [...adopted.values()];
}

function listed(text: string): { name: string; url: URL }[] {
  const list = parse(text);
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: { name?: unknown; url?: unknown } | null) => {
    if (typeof each?.name !== "string" || typeof each.url !== "string" || !/^https?:\/\//i.test(each.url)) return [];
    const url = URL.parse(each.url);
    return url === null ? [] : [{ name: each.name, url }];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toRepositoryId(name: string): string {
  const safe = name.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
  return `helm-${safe}`.slice(0, MAX_ID_LENGTH);
}

/** The folder of `index.yaml`, which people paste, too. */
export function canonicalUrl(url: URL): string {
  return url.origin + url.pathname.replace(/\/index\.yaml\/*$/, "").replace(/\/*$/, "/");
}
