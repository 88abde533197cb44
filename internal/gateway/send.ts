import type { IncomingMessage, ServerResponse } from "node:http";
import type { BodySource } from "./body-source.ts";
import { type ByteRange, parseRange } from "./byte-range.ts";
import { isNotModified, mayCutRange, type Validators } from "./conditions.ts";

/** The answer to a GET or HEAD whose body is open. */
export interface Answer {
  readonly headers: Record<string, string>;
  readonly validators: Validators;
  readonly source: BodySource;
}

/**
 * Sends it whole, in part (206), or not at all (304, HEAD). Resolves when the last byte was handed to the socket or the client has left.
 * @throws Fault RANGE_NOT_SATISFIABLE; whatever the body's stream throws: where the head has been sent, the connection must be cut.
 */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { headers, validators, source } = answer;
  try {
    if (request.method !== "POST" && isNotModified(request.headers, validators)) {
      const { "content-type": _, "content-encoding": __, ...kept } = headers;
      response.writeHead(304, kept).end();
      return;
    }
    const range = rangeOf(request, answer);
    const writeHead = () => response.writeHead(range ? 206 : 200, { ...headers, ...lengthOf(source, range) });
    if (request.method === "HEAD") writeHead().end();
    else await sendBody(response, source, range, writeHead);
  } finally {
    if (source.kind === "chunks") await source.close();
  }
}

/** Only GET knows ranges (RFC 9110 §14.2). */
function rangeOf({ method, headers }: IncomingMessage, { source, validators }: Answer): ByteRange | undefined {
  const { range } = headers;
  if (method !== "GET" || range === undefined || source.sizeBytes === undefined || !mayCutRange(headers, validators))
    return undefined;
  return parseRange(range, source.sizeBytes);
}

function lengthOf({ sizeBytes }: BodySource, range: ByteRange | undefined): Record<string, string> {
  if (range) {
    return {
      "content-length": String(range.end - range.start),
      "content-range": `bytes ${range.start}-${range.end - 1}/${sizeBytes}`,
    };
  }
  return sizeBytes === undefined ? {} : { "content-length": String(sizeBytes) };
}

async function sendBody(
  response: ServerResponse,
  source: BodySource,
  range: ByteRange | undefined,
  writeHead: () => void,
): Promise<void> {
  if (source.kind === "bytes") {
    writeHead();
    response.end(range ? source.bytes.subarray(range.start, range.end) : source.bytes);
    return;
  }
  for await (const chunk of source.read(range?.start ?? 0, range?.end)) {
    if (response.destroyed) return;
    // Not before the first bytes: a fetch that fails until then is still refused in words.
    if (!response.headersSent) writeHead();
    await written(response, chunk);
  }
  if (!response.headersSent) writeHead();
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
