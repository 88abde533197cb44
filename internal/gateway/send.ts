import type { IncomingMessage, ServerResponse } from "node:http";
import type { Resolution } from "#internal/mirror/mirror.ts";
import type { BodySource, BytesSource, ChunksSource } from "./body-source.ts";
import { type ByteRange, parseRange } from "./byte-range.ts";
import { isNotModified, mayCutRange, type Validators } from "./conditions.ts";

/** The answer to a GET or HEAD whose body is open. */
export interface Answer<Source extends BodySource = BodySource> {
  /** Of a 304 too. Whoever sends the answer adds those of its content. */
  readonly headers: Record<string, string>;
  readonly contentType: string;
  readonly encoding: Resolution["encoding"];
  readonly validators: Validators;
  readonly source: Source;
}

interface Head {
  readonly status: 200 | 206 | 304;
  readonly headers: Record<string, string>;
  readonly range: ByteRange | undefined;
  readonly hasBody: boolean;
}

/**
 * Sends it whole, in part (206), or not at all (304, HEAD).
 * @throws Fault RANGE_NOT_SATISFIABLE.
 */
export function sendBytes(request: IncomingMessage, response: ServerResponse, answer: Answer<BytesSource>): void {
  const { status, headers, range, hasBody } = headOf(request, answer);
  const { bytes } = answer.source;
  response.writeHead(status, headers);
  if (!hasBody) response.end();
  else response.end(range ? bytes.subarray(range.start, range.end) : bytes);
}

/**
 * As `sendBytes`; resolves when the last byte was handed to the socket or the client has left.
 * @throws Whatever the body's stream throws, too: where the head has been sent, the connection must be cut.
 */
export async function sendChunks(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer<ChunksSource>,
): Promise<void> {
  const { source } = answer;
  try {
    const head = headOf(request, answer);
    if (head.hasBody) await sendBody(response, source, head);
    else response.writeHead(head.status, head.headers).end();
  } finally {
    await source.close();
  }
}

function headOf(request: IncomingMessage, answer: Answer): Head {
  const { headers, contentType, encoding, validators, source } = answer;
  if (request.method !== "POST" && isNotModified(request.headers, validators)) {
    return { status: 304, headers, range: undefined, hasBody: false };
  }
  const range = rangeOf(request, answer);
  headers["content-type"] = contentType;
  if (encoding !== "identity") headers["content-encoding"] = encoding;
  if (range) headers["content-range"] = `bytes ${range.start}-${range.end - 1}/${source.sizeBytes}`;
  const lengthBytes = range ? range.end - range.start : source.sizeBytes;
  if (lengthBytes !== undefined) headers["content-length"] = String(lengthBytes);
  return { status: range ? 206 : 200, headers, range, hasBody: request.method !== "HEAD" };
}

/** Only GET knows ranges (RFC 9110 §14.2). */
function rangeOf({ method, headers }: IncomingMessage, { source, validators }: Answer): ByteRange | undefined {
  const { range } = headers;
  if (method !== "GET" || range === undefined || source.sizeBytes === undefined || !mayCutRange(headers, validators))
    return undefined;
  return parseRange(range, source.sizeBytes);
}

async function sendBody(
  response: ServerResponse,
  source: ChunksSource,
  { status, headers, range }: Head,
): Promise<void> {
  for await (const chunk of source.read(range?.start ?? 0, range?.end)) {
    if (response.destroyed) return;
    // Not before the first bytes: a fetch that fails until then is still refused in words.
    if (!response.headersSent) response.writeHead(status, headers);
    await written(response, chunk);
  }
  if (!response.headersSent) response.writeHead(status, headers);
  response.end();
}

/** Resolves when the chunk's memory may be used again, or the client has left. */
function written(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.write(chunk, () => {
      response.off("close", resolve);
      resolve();
    });
  });
}
