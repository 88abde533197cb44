import { pipeline, Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { Fault } from "#internal/fault/fault.ts";
import type { UpstreamResponse } from "./upstream.ts";

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What to send as `Accept-Encoding` when `decode` reads the answer: the codings of `DECODERS` that upstreams use. */
export const ACCEPTED_CODINGS = "gzip, br";

/**
 * The whole decoded body in memory.
 * @throws as `decode`, and as the body itself does.
 */
export async function readDecoded({ body, headers }: UpstreamResponse, maxBytes: number): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(decode(body, headers["content-encoding"], maxBytes)));
}

/**
 * Undoes one layer of content coding (RFC 9110 §8.4) and counts what comes out.
 * @throws Fault UPSTREAM_INVALID for an unknown, repeated or broken coding; LIMIT_EXCEEDED past `maxBytes` (a bomb inflates here, chunk by chunk).
 */
export async function* decode(
  body: AsyncIterable<Buffer>,
  contentEncoding: string | undefined,
  maxBytes: number,
): AsyncIterable<Buffer> {
  let seenBytes = 0;
  for await (const chunk of decoded(body, contentEncoding?.trim().toLowerCase())) {
    seenBytes += chunk.length;
    if (seenBytes > maxBytes) {
      throw new Fault("LIMIT_EXCEEDED", `the upstream's document is larger than ${maxBytes} bytes`, {
        limitBytes: String(maxBytes),
      });
    }
    yield chunk;
  }
}

function decoded(body: AsyncIterable<Buffer>, coding: string | undefined): AsyncIterable<Buffer> {
  if (coding === undefined || coding === "" || coding === "identity") return body;
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding]?.() : undefined;
  if (!decoder) throw new Fault("UPSTREAM_INVALID", `the upstream used the content coding "${coding.slice(0, 60)}"`);
  return inflated(body, decoder);
}

async function* inflated(body: AsyncIterable<Buffer>, decoder: NodeJS.ReadWriteStream): AsyncIterable<Buffer> {
  let transport: { error: unknown } | undefined;
  pipeline(
    Readable.from(
      noticing(body, (error) => {
        transport = { error };
      }),
    ),
    decoder,
    () => {},
  );
  try {
    yield* decoder as unknown as AsyncIterable<Buffer>;
  } catch (error) {
    // A broken connection is the upstream's outage; broken data is its lie.
    if (transport) throw transport.error;
    throw new Fault("UPSTREAM_INVALID", "the upstream's content coding is broken", {}, { cause: error });
  }
}

/** Tells of what breaks the body, and not of the decoder's failure, which ends this too: that comes in at the yield. */
async function* noticing(body: AsyncIterable<Buffer>, notice: (error: unknown) => void): AsyncIterable<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  const next = () =>
    chunks.next().catch((error: unknown) => {
      notice(error);
      throw error;
    });
  try {
    for (let result = await next(); !result.done; result = await next()) yield result.value;
  } finally {
    await chunks.return?.();
  }
}
