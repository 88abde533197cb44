import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Cache } from "#internal/cache/cache.ts";
import { openCache } from "#internal/cache/open-cache.ts";
import type { FormatRequest } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { createUpstream } from "#internal/upstream/create-upstream.ts";
import type { Upstream, UpstreamCredential } from "#internal/upstream/upstream.ts";
import { createMirror, type LocalMirror } from "./create-mirror.ts";
import { createDeriver } from "./deriver.ts";
import { createLedger, type LedgerStore } from "./ledger.ts";
import type { Body, MirrorRequest, Resolution } from "./mirror.ts";
import type { MirrorDeps, MirrorEvent } from "./mirror-deps.ts";

/** A mirror on a real cache and a real way out. Only its clock is not real: it stands still. */
export interface TestMirror {
  readonly mirror: LocalMirror;
  readonly cache: Cache;
  readonly upstream: Upstream;
  readonly events: readonly MirrorEvent[];
  /** Names of the temporary files that are there now. */
  temporaryFiles(): Promise<string[]>;
  advance(ms: number): void;
  nowMs(): number;
  /** As the gateway asks: find, else resolve. @throws Error when the path is no route to the mirror. */
  resolve(repository: Repository, path: string, asked?: Asked): Promise<Resolution>;
  /** Resolves and reads to the end, decoded. */
  get(repository: Repository, path: string, asked?: Asked): Promise<Got>;
  read(body: Body | undefined): Promise<Buffer>;
  /** The repository's credential from now on. */
  setCredential(credential: UpstreamCredential): void;
  close(): Promise<void>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: FormatRequest["headers"];
  readonly body?: string;
  readonly gzip?: boolean;
  readonly lost?: boolean;
}

export interface Got extends Pick<Resolution, "verdict" | "status" | "detail" | "contentType" | "encoding"> {
  readonly bytes: Buffer;
  readonly text: string;
}

/** Of the upstream: first byte, and pauses. */
export const TIMEOUT_MS = 250;
export const TTL_MS = 300_000;

export async function openTestMirror(changes: Partial<MirrorDeps> & { maxBytes?: number } = {}): Promise<TestMirror> {
  const { maxBytes = 1024 ** 3, ...deps } = changes;
  const folder = await mkdtemp(join(tmpdir(), "larder-mirror-"));
  const cache = await openCache({ directory: folder, maxBytes, owner: true });
  const deriver = createDeriver(1);
  const events: MirrorEvent[] = [];
  let clockMs = Date.parse("2026-11-20T12:00:00Z");
  let credential: UpstreamCredential | undefined;
  const nowMs = () => clockMs;
  const upstream = createUpstream({
    allowedAddresses: ["127.0.0.0/8"],
    timeoutMs: TIMEOUT_MS,
    concurrencyPerOrigin: 64,
    version: "1.2.3",
    logger: createLogger({ level: "silent" }),
    metrics: createMetrics(),
    nowMs,
    random: () => 0,
    after: () => () => undefined,
  });
  const mirror = createMirror({
    cache,
    upstream,
    deriver,
    ledger: createLedger({ store: ledgerInMemory(), onError: () => undefined }),
    accessOf: async ({ upstreamUrl, upstreamTrusted }) => ({
      baseUrl: upstreamUrl,
      credential,
      trusted: upstreamTrusted,
    }),
    repositoryUrl: ({ id }) => `http://larder.example/${id}/`,
    report: (event) => void events.push(event),
    nowMs,
    metadataTtlMs: TTL_MS,
    // However slow the machine is.
    patienceMs: 3_600_000,
    documentMaxBytes: 64 * 1024 * 1024,
    fileMaxBytes: 64 * 1024 * 1024,
    ...deps,
  });

  const resolve = async (repository: Repository, path: string, asked: Asked = {}): Promise<Resolution> => {
    const request = mirrorRequest(repository, path, asked);
    return (asked.lost ? undefined : mirror.find(request)) ?? mirror.resolve(request);
  };

  const read = async (body: Body | undefined): Promise<Buffer> => {
    if (!body) return Buffer.alloc(0);
    if (body.kind === "bytes") return body.bytes;
    if (body.kind === "blob") return readFile(cache.blobPath(body.blob.digest));
    return Buffer.concat(await Array.fromAsync(body.stream.read(0, undefined), (chunk) => Buffer.from(chunk)));
  };

  const get = async (repository: Repository, path: string, asked: Asked = {}): Promise<Got> => {
    const { body, ...told } = await resolve(repository, path, asked);
    const sent = await read(body);
    const bytes = told.encoding === "gzip" ? gunzipSync(sent) : sent;
    return { ...told, bytes, text: bytes.toString() };
  };

  return {
    ...{ mirror, cache, upstream, events, nowMs, resolve, read, get },
    temporaryFiles: () => readdir(join(folder, "v1", "tmp")),
    advance: (ms) => {
      clockMs += ms;
    },
    setCredential: (given) => {
      credential = given;
    },
    async close() {
      await Promise.all([upstream.close(), deriver.close()]);
      await cache.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the catalogue does, without one. */
export function ledgerInMemory(): LedgerStore {
  const digests = new Map<string, string>();
  const keyOf = (uid: string, path: string): string => `${uid}/${path}`;
  return {
    find: async (uid, path) => digests.get(keyOf(uid, path)),
    record: async (sightings) =>
      sightings.map(({ repositoryUid, path, digest }) => {
        const key = keyOf(repositoryUid, path);
        if (!digests.has(key)) digests.set(key, digest);
        return digests.get(key) ?? digest;
      }),
  };
}

/** A public repository; its uid tells that it is not its id. @param url of the upstream, without trailing slash. */
export function testRepository(format: string, url: string, changes: Partial<Repository> = {}): Repository {
  const { id = format } = changes;
  return {
    ...{ id, uid: `uid-${id}`, format, displayName: "", description: "", upstreamUrl: `${url}/` },
    ...{ fileOrigins: [], upstreamTrusted: false, visibility: "PUBLIC", owner: "", labels: {}, mode: "PROXY" },
    ...{ syncIntervalMs: 0, metadataTtlMs: undefined, upstreamMode: "ONLINE", state: "ACTIVE", hasCredential: false },
    ...{ version: 1, createTime: new Date(0), updateTime: new Date(0), deleteTime: undefined },
    ...changes,
  };
}

function mirrorRequest(repository: Repository, path: string, asked: Asked): MirrorRequest {
  const { method = asked.body === undefined ? "GET" : "POST", headers = {}, body, gzip = false, lost } = asked;
  const original = { method, path, query: "", headers, caller: undefined };
  const route = formats.get(repository.format)?.route(original);
  if (!route || route.kind === "answer" || route.kind === "redirect") throw new Error(`${path} is no route`);
  return {
    ...{ repository, route, original, gzip },
    ...(body !== undefined && { body: Buffer.from(body) }),
    ...(lost !== undefined && { lost }),
  };
}
