import { createHash } from "node:crypto";
import type { BlobRef, Entry } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { ACCEPTED_CODINGS, decode } from "#internal/upstream/decode.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import type { MirrorDeps } from "./mirror-deps.ts";
import { checkOnline } from "./upstream-terms.ts";

/**
 * Makes the way to get a damaged document's original back from where it was read. When there is another one by now, the entry expires, so that
 * the next client fetches it; what was made of the old one stays for the case that nobody can.
 */
export function createDocumentHealing(deps: MirrorDeps) {
  const { cache, upstream } = deps;

  /** @throws Fault why it could not be had. */
  return async (repository: Repository, entry: Entry, original: BlobRef): Promise<void> => {
    if (entry.kind === "query") {
      await cache.remove(entry.key);
      throw new Fault(
        "ENTRY_NOT_FOUND",
        "the question to this answer is not kept: whoever asks it again gets a new one",
      );
    }
    checkOnline(repository);
    const kind = formats.get(repository.format)?.documents[entry.key.split("/")[2] ?? ""];
    const response = await upstream.request({
      method: "GET",
      url: entry.upstreamUrl,
      headers: { accept: kind?.accept ?? "*/*", "accept-encoding": ACCEPTED_CODINGS },
      pathClass: "document",
      access: await deps.accessOf(repository),
    });
    try {
      const { status } = response;
      if (status !== 200)
        throw new Fault("UPSTREAM_INVALID", `the upstream answered ${status} for ${entry.upstreamUrl}`);
      if (!(await restore(response, original))) await cache.update(entry.key, expired);
    } finally {
      await response.discard();
    }
  };

  /** Puts the bytes into the blob's place if they are its own. */
  async function restore(response: UpstreamResponse, { digest }: BlobRef): Promise<boolean> {
    const writer = await cache.createBlob();
    try {
      const hash = createHash("sha256");
      for await (const chunk of decode(response.body, response.headers["content-encoding"], deps.documentMaxBytes)) {
        hash.update(chunk);
        await writer.write(chunk);
      }
      const isSame = hash.digest("hex") === digest;
      if (isSame) await writer.commit();
      return isSame;
    } finally {
      await writer.abort();
    }
  }
}

/** Neither fresh nor to be confirmed by a 304. */
function expired(entry: Entry): Entry {
  return { ...entry, freshForMs: 0, upstreamEtag: undefined, upstreamLastModified: undefined };
}
