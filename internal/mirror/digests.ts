import { createHash, type Hash } from "node:crypto";
import { Fault } from "#internal/fault/fault.ts";
import type { DigestAlgorithm, Digests } from "#internal/format/format.ts";

/** Checks a body against every digest that was announced for it, while it passes. */
export interface DigestCheck {
  update(chunk: Uint8Array): void;
  /** @throws Fault DIGEST_MISMATCH when one digest or the size differs. */
  finish(): void;
}

/** @param subject names the file in the fault's message. */
export function checkDigests(subject: string, digests: Digests, sizeBytes: number | undefined): DigestCheck {
  const hashes = Object.keys(digests).map((algorithm): [DigestAlgorithm, Hash] => [
    algorithm as DigestAlgorithm,
    createHash(algorithm),
  ]);
  let seenBytes = 0;
  return {
    update(chunk) {
      seenBytes += chunk.length;
      for (const [, hash] of hashes) hash.update(chunk);
    },
    finish() {
      if (sizeBytes !== undefined && seenBytes !== sizeBytes) {
        throw mismatch(subject, "size", String(sizeBytes), String(seenBytes));
      }
      for (const [algorithm, hash] of hashes) {
        const actual = hash.digest("hex");
        const announced = digests[algorithm]?.toLowerCase() ?? "";
        if (actual !== announced) throw mismatch(subject, algorithm, announced, actual);
      }
    },
  };
}

function mismatch(subject: string, what: string, announced: string, actual: string): Fault {
  return new Fault(
    "DIGEST_MISMATCH",
    `${subject}: the index announces ${what} ${announced}, the upstream sent ${actual}`,
    {
      what,
      announced,
      actual,
    },
  );
}
