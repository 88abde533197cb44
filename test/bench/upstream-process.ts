import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type FixtureAnswer, jsonAnswer } from "../fixtures/fixture-site.ts";
import { applyHttpSemantics } from "../fixtures/http-semantics.ts";
import { createNpmSite } from "../fixtures/npm-site.ts";
import { obeyParent } from "./helper-process.ts";

/** What was asked of one path. */
export interface Asked {
  readonly count: number;
  /** When the last answer's last byte was handed to the system, in ms since the epoch. */
  readonly lastByteAtMs: number;
}

/** What the bench may tell it. */
export type UpstreamCommands = typeof commands;

// An npm registry that is far away, or hangs, on demand.
const site = createNpmSite([]);
const counts = new Map<string, number>();
const lastBytesAtMs = new Map<string, number>();
let manner: "hang" | { readonly delayMs: number } = { delayMs: 0 };
let url = "";

const server = createServer((request, response) => void answer(request, response));

const commands = {
  /** Its URL without a trailing slash. */
  listen: async (): Promise<string> => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return url;
  },
  behave: (next: typeof manner): void => {
    manner = next;
  },
  /** Packages with 2,150 bytes a version in the full document, and a tarball of the latest. Returns the tarballs' paths. */
  publishDocuments: (names: readonly string[], versionCount: number): string[] =>
    names.map((name) => {
      site.publishLarge(name, versionCount);
      return [...(site.packages.get(name)?.versions.values() ?? [])].at(-1)?.tarballPath ?? "";
    }),
  /** A package with one version, whose file has random bytes. Returns the file's path. */
  publishFile: (name: string, sizeBytes: number): string => {
    const version = site.publish(name, "1.0.0");
    const bytes = randomBytes(sizeBytes);
    const digest = (algorithm: string) => createHash(algorithm).update(bytes);
    version.tarball = bytes;
    Object.assign(version.manifest.dist as object, {
      integrity: `sha512-${digest("sha512").digest("base64")}`,
      shasum: digest("sha1").digest("hex"),
    });
    return version.tarballPath;
  },
  asked: (path: string): Asked => ({ count: counts.get(path) ?? 0, lastByteAtMs: lastBytesAtMs.get(path) ?? 0 }),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "/";
  counts.set(path, (counts.get(path) ?? 0) + 1);
  if (manner === "hang") return;
  if (manner.delayMs > 0) await sleep(manner.delayMs);
  const { status, headers, body } = applyHttpSemantics(answerOf(request, path), request.headers);
  response.once("finish", () => lastBytesAtMs.set(path, performance.timeOrigin + performance.now()));
  response.writeHead(status, status === 304 ? headers : { ...headers, "content-length": String(body.length) });
  response.end(request.method === "HEAD" ? undefined : body);
}

function answerOf({ method = "GET", headers }: IncomingMessage, path: string): FixtureAnswer {
  const question = { method, path, query: new URLSearchParams(), headers, body: Buffer.alloc(0), baseUrl: url };
  return site.answer(question) ?? jsonAnswer({ error: "Not found" }, {}, 404);
}

obeyParent(commands);
