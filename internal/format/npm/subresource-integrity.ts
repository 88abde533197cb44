import type { DigestAlgorithm, Digests } from "../format.ts";

const LENGTHS: ReadonlyMap<string, number> = new Map([
  ["sha512", 64],
  ["sha384", 48],
  ["sha256", 32],
  ["sha1", 20],
  ["md5", 16],
]);
const ENTRY = /^(?<algorithm>[a-z\d]+)-(?<digest>[A-Za-z\d+/]+={0,2})(?:\?.*)?$/;

/**
 * The digests in `dist.integrity` (W3C Subresource Integrity, may list several) and `dist.shasum` (SHA-1, hex). What is malformed or
 * unknown is left out; of several digests by one algorithm the first counts.
 */
export function digestsOf(integrity: unknown, shasum: unknown): Digests {
  const digests: Partial<Record<DigestAlgorithm, string>> = {};
  for (const entry of typeof integrity === "string" ? integrity.trim().split(/\s+/) : []) {
    const { algorithm = "", digest = "" } = ENTRY.exec(entry)?.groups ?? {};
    const bytes = Buffer.from(digest, "base64");
    if (LENGTHS.get(algorithm) === bytes.length) digests[algorithm as DigestAlgorithm] ??= bytes.toString("hex");
  }
  if (typeof shasum === "string" && /^[\da-f]{40}$/i.test(shasum)) digests.sha1 ??= shasum.toLowerCase();
  return digests;
}
