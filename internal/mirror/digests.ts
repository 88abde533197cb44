import { createHash, type Hash } from "node:crypto";
import { Fault } from "#internal/fault/fault.ts";
import type { DigestAlgorithm, Digests } from "#internal/format/format.ts";

/** Checks a body against every digest that is known of it, while it passes. */
export interface DigestCheck {
  /** @throws Fault DIGEST_MISMATCH as soon as there is more than was announced: nobody may be sent what is beyond the end. */
  update(chunk: Uint8Array): void;
  /** @throws Fault DIGEST_MISMATCH when one digest or the size differs. */
  finish(): void;
}

/** What is known of a body beforehand. */
export interface Expectation {
  /** Of the upstream's index. */
  readonly digests: Digests;
  readonly sizeBytes: number | undefined;
  /** SHA-256 of the bytes that this file had when it was first fetched. */
  readonly firstSeen?: string | undefined;
}

/** @param subject names the file in the fault's message. */
export function checkDigests(subject: string, { digests, sizeBytes, firstSeen }: Expectation): DigestCheck {
  const algorithms = new Set(Object.keys(digests) as DigestAlgorithm[]);
  if (firstSeen !== undefined) algorithms.add("sha256");
  const hashes = Array.from(algorithms, (algorithm): [DigestAlgorithm, Hash] => [algorithm, createHash(algorithm)]);
  let seenBytes = 0;
  return {
    update(chunk) {
      seenBytes += chunk.length;
      if (sizeBytes !== undefined && seenBytes > sizeBytes) {
        throw mismatch(subject, ANNOUNCED, "size", String(sizeBytes), `${seenBytes} or more`);
      }
      for (const [, hash] of hashes) hash.update(chunk);
    },
    finish() {
      if (sizeBytes !== undefined && seenBytes !== sizeBytes) {
        throw mismatch(subject, ANNOUNCED, "size", String(sizeBytes), String(seenBytes));
      }
      for (const [algorithm, hash] of hashes) {
        const actual = hash.digest("hex");
        const announced = digests[algorithm]?.toLowerCase();
        if (announced !== undefined && actual !== announced) {
          throw mismatch(subject, ANNOUNCED, algorithm, announced, actual);
        }
        if (algorithm === "sha256" && firstSeen !== undefined && actual !== firstSeen) {
          throw mismatch(subject, FIRST_SEEN, algorithm, firstSeen, actual);
        }
      }
    },
  };
}

const ANNOUNCED = "the index announces";
const FIRST_SEEN = "was first seen here";

function mismatch(subject: string, says: string, what: string, expected: string, actual: string): Fault {
  return new Fault("DIGEST_MISMATCH", `${subject} is not what ${says}: ${what} ${actual} instead of ${expected}`, {
    what,
    announced: expected,
    actual,
  });
}
