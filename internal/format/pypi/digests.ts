import type { DigestAlgorithm, Digests } from "../format.ts";
import { isObject } from "./read-json.ts";

const HEX_LENGTHS: Readonly<Record<DigestAlgorithm, number>> = {
  sha512: 128,
  sha384: 96,
  sha256: 64,
  sha1: 40,
  md5: 32,
};
const ALGORITHMS = Object.keys(HEX_LENGTHS) as DigestAlgorithm[];

/** The digests of a hash dictionary that Larder can check, in lower case. A malformed one counts as absent. */
export function digestsOf(hashes: unknown): Digests {
  const digests: Partial<Record<DigestAlgorithm, string>> = {};
  if (!isObject(hashes)) return digests;
  for (const algorithm of ALGORITHMS) {
    const digest = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined;
    if (typeof digest !== "string" || digest.length !== HEX_LENGTHS[algorithm] || !/^[0-9a-f]+$/i.test(digest))
      continue;
    digests[algorithm] = digest.toLowerCase();
  }
  return digests;
}

/** `sha256=…`, or the next best, as HTML pages write it. Undefined: no digest at all. */
export function fragmentOf(digests: Digests): string | undefined {
  const algorithm = digests.sha256 === undefined ? ALGORITHMS.find((one) => digests[one] !== undefined) : "sha256";
  return algorithm && `${algorithm}=${digests[algorithm]}`;
}
