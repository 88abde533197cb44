import { connect, type Socket } from "node:net";

/** One request that is sent again and again. */
export interface LoadTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Any other status ends the load. */
  readonly status: number;
}

export interface LoadLimits {
  /** Kept-alive connections, each with one request under way. */
  readonly connections: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Of each request: from its sending to the last byte of its answer. */
  readonly latenciesMs: readonly number[];
}

const SILENCE_LIMIT_MS = 30_000;
const HEAD_END = "\r\n\r\n";

/**
 * Asks as fast as the answers come. Raw sockets: an HTTP client would cost more than the servers that are measured.
 * Throws when an answer has another status, no Content-Length, or does not come.
 */
export async function load(target: LoadTarget, { connections, durationMs }: LoadLimits): Promise<LoadResult> {
  const startMs = performance.now();
  const latenciesMs: number[] = [];
  const isOver = () => performance.now() - startMs >= durationMs;
  // Waking a process that sleeps costs its waker 10 µs and more in a virtual machine: the slower server would pay for being waited for.
  const stayAwake = () => {
    if (!isOver()) setImmediate(stayAwake);
  };
  stayAwake();
  await Promise.all(Array.from({ length: connections }, () => ask(target, latenciesMs, isOver)));
  return { seconds: (performance.now() - startMs) / 1000, latenciesMs };
}

/** The bytes of a GET. */
export function requestOf(url: string, headers: Readonly<Record<string, string>>): string {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  return socket.setTimeout(SILENCE_LIMIT_MS, () => socket.destroy(new Error(`${url} did not answer`)));
}

/** One connection: the next request when the answer is there. */
function ask({ url, headers, status }: LoadTarget, latenciesMs: number[], isOver: () => boolean): Promise<void> {
  const request = requestOf(url, headers);
  const socket = connectTo(url);
  let sentMs = 0;
  let head: Buffer | undefined;
  let missingBytes: number | undefined;

  const send = () => {
    if (isOver()) return void socket.end();
    sentMs = performance.now();
    socket.write(request);
  };
  const receive = (chunk: Buffer) => {
    if (missingBytes === undefined) {
      head = head ? Buffer.concat([head, chunk]) : chunk;
      const end = head.indexOf(HEAD_END);
      if (end === -1) return;
      missingBytes = bodyBytes(head.toString("latin1", 0, end), status) - (head.length - end - HEAD_END.length);
      head = undefined;
    } else missingBytes -= chunk.length;
    if (missingBytes > 0) return;
    missingBytes = undefined;
    latenciesMs.push(performance.now() - sentMs);
    send();
  };
  return new Promise((resolve, reject) => {
    const receiveOrFail = (chunk: Buffer) => {
      try {
        receive(chunk);
      } catch (error) {
        socket.destroy(error as Error);
      }
    };
    socket.once("connect", send).on("data", receiveOrFail).once("error", reject).once("close", resolve);
  });
}

/** What follows the head of an answer. Throws when it is not the answer that is measured. */
function bodyBytes(head: string, status: number): number {
  if (!head.startsWith(`HTTP/1.1 ${status} `)) throw new Error(`the answer is not ${status}: ${head}`);
  if (status === 304) return 0;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length === undefined) throw new Error(`the answer has no Content-Length: ${head}`);
  return Number(length);
}
