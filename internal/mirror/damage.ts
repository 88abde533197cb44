import type { BlobRef, BlobState } from "#internal/cache/cache.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** What a stored body belongs to. */
export interface Owner {
  readonly repository: Repository;
  /** Of the entry. */
  readonly key: string;
}

/** Looks at stored bytes, and tells of what has rotted. */
export interface Damage {
  /** A rotten blob is taken from its place, and is an event of its repository. @throws Fault STORAGE_UNAVAILABLE when nobody can tell. */
  inspect(owner: Owner, blob: BlobRef): Promise<BlobState>;
}

export function createDamage({ cache, report }: Pick<MirrorDeps, "cache" | "report">): Damage {
  return {
    async inspect({ repository, key }, blob) {
      const state = await cache.verifyBlob(blob);
      if (state === "rotten") {
        const entry = key.slice(repository.uid.length + 1);
        report({
          repository,
          type: "BLOB_ROTTEN",
          message: `The stored bytes of ${entry} are not the ones that were stored: nobody gets them, they are fetched anew.`,
          facts: { entry, digest: blob.digest, sizeBytes: String(blob.sizeBytes) },
        });
      }
      return state;
    },
  };
}
