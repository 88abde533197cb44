import { connectTo, requestOf } from "./load.ts";

/** One download on a connection of its own. */
export interface Download {
  /** From the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** To the last. */
  readonly wholeMs: number;
  /** When the last byte came, in ms since the epoch. */
  readonly endedAtMs: number;
  /** Of the answer, head included. */
  readonly sizeBytes: number;
}

/** Downloads without keeping the bytes. Throws when the answer is not a whole 200. */
export function download(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Download> {
  const startMs = performance.now();
  const socket = connectTo(url);
  let first: { readonly ms: number; readonly head: string } | undefined;
  let sizeBytes = 0;
  let tail = "";
  return new Promise((resolve, reject) => {
    socket.once("connect", () => socket.write(requestOf(url, { ...headers, connection: "close" })));
    socket.on("data", (chunk: Buffer) => {
      first ??= { ms: performance.now() - startMs, head: chunk.toString("latin1", 0, 2048) };
      sizeBytes += chunk.length;
      tail = (tail + chunk.toString("latin1", Math.max(0, chunk.length - 5))).slice(-5);
    });
    socket.once("error", reject).once("end", () => {
      const endMs = performance.now();
      if (!first || !isWhole(first.head, sizeBytes, tail)) {
        return reject(new Error(`${url} is not a whole 200 (${sizeBytes} bytes): ${first?.head.split("\r\n\r\n")[0]}`));
      }
      const endedAtMs = performance.timeOrigin + endMs;
      resolve({ firstByteMs: first.ms, wholeMs: endMs - startMs, endedAtMs, sizeBytes });
    });
  });
}

/** The same download by many clients at once. */
export function downloadTogether(
  clients: number,
  url: string,
  headers?: Readonly<Record<string, string>>,
): Promise<Download[]> {
  return Promise.all(Array.from({ length: clients }, () => download(url, headers)));
}

/** A cut connection ends like a whole one: only the announced length, or the last chunk, tells. */
function isWhole(beginning: string, sizeBytes: number, tail: string): boolean {
  const headBytes = beginning.indexOf("\r\n\r\n") + 4;
  if (!beginning.startsWith("HTTP/1.1 200 ") || headBytes === 3) return false;
  const length = /^content-length: (\d+)/im.exec(beginning.slice(0, headBytes))?.[1];
  return length === undefined ? tail === "0\r\n\r\n" : sizeBytes === headBytes + Number(length);
}
