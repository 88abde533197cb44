import { durationMs } from "@bufbuild/protobuf/wkt";
import type { ResolveResponse } from "#gen/larder/v1/mirror_service_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Body, Mirror, MirrorRequest, Resolution } from "#internal/mirror/mirror.ts";
import { readWord } from "../enum-message.ts";
import { VERDICTS } from "../resolution-message.ts";
import { repositoryName } from "../resource-name.ts";
import { isUnreachable } from "./client-faults.ts";
import type { MirrorClient } from "./clients.ts";

export interface RemoteMirrorOptions {
  /** This process reads the same cache folder: what is on disk is answered as a blob, and only what is being fetched comes by Read. */
  readonly sharedDisk: boolean;
}

const ENCODINGS = ["identity", "gzip", "br", "zstd"] as const;

/** The mirror of another process, by Resolve and Read. It finds nothing without waiting: that is the cache's part on a shared disk. */
export function createRemoteMirror(client: MirrorClient, { sharedDisk }: RemoteMirrorOptions): Mirror {
  return {
    find: () => undefined,
    async resolve(request) {
      const response = await client.resolve(toMessage(request)).catch(unreachable);
      return toResolution(response, response.readToken === "" ? undefined : bodyOf(response, client, sharedDisk));
    },
  };
}

function toMessage({ repository, original, body, gzip, lost = false }: MirrorRequest) {
  const { method, path, query, headers } = original;
  const sent = [
    ["accept", headers.accept],
    ["accept-encoding", gzip ? "gzip" : "identity"],
    ["content-type", headers["content-type"]],
  ].flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return {
    repository: repositoryName(repository.id),
    ...{ method, path, query, lost },
    headers: Object.fromEntries(sent) as Record<string, string>,
    ...(body && { body: new Uint8Array(body) }),
  };
}

function toResolution(response: ResolveResponse, body: Body | undefined): Resolution {
  const { verdict, status, contentType, contentEncoding, age, freshFor, lastModified, detail } = response;
  return {
    verdict: readWord(VERDICTS, verdict, "verdict") ?? "BYPASS",
    status: status === 404 ? 404 : 200,
    contentType,
    encoding: ENCODINGS.find((encoding) => encoding === contentEncoding) ?? "identity",
    ageMs: age ? durationMs(age) : 0,
    freshForMs: freshFor && durationMs(freshFor),
    lastModified: lastModified || undefined,
    detail: detail || undefined,
    body,
  };
}

function bodyOf({ digest, sizeBytes, readToken }: ResolveResponse, client: MirrorClient, sharedDisk: boolean): Body {
  const size = sizeBytes < 0n ? undefined : Number(sizeBytes);
  if (sharedDisk && digest !== "" && size !== undefined) return { kind: "blob", blob: { digest, sizeBytes: size } };
  const read = (start: number, end: number | undefined) => readBytes(client, readToken, start, end);
  return { kind: "stream", stream: { sizeBytes: size, digest: digest || undefined, read } };
}

async function* readBytes(
  client: MirrorClient,
  readToken: string,
  start: number,
  end: number | undefined,
): AsyncIterable<Buffer> {
  // A length of 0 means "to the end".
  if (end !== undefined && end <= start) return;
  const length = end === undefined ? 0n : BigInt(end - start);
  try {
    for await (const { data } of client.read({ readToken, offset: BigInt(start), length })) {
      yield Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    }
  } catch (error) {
    unreachable(error);
  }
}

/** To those who wait for bytes, a mirror that is away is an upstream that is away. */
function unreachable(error: unknown): never {
  if (!isUnreachable(error)) throw error;
  throw new Fault(
    "UPSTREAM_UNAVAILABLE",
    "the mirror process does not answer",
    { component: "mirror" },
    { cause: error },
  );
}
