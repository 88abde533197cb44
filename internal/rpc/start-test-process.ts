import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthenticate } from "#internal/access/access.ts";
import type { Cache } from "#internal/cache/cache.ts";
import { openCache } from "#internal/cache/open-cache.ts";
import { type Database, openDatabase } from "#internal/database/database.ts";
import { formats } from "#internal/format/formats.ts";
import { createRepositoryManager } from "#internal/manager/create-repository-manager.ts";
import type { RepositoryManager } from "#internal/manager/repository-manager.ts";
import { createMirror } from "#internal/mirror/create-mirror.ts";
import { createDeriver } from "#internal/mirror/deriver.ts";
import { createLedger } from "#internal/mirror/ledger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { createUpstream } from "#internal/upstream/create-upstream.ts";
import { type Clients, createClients } from "./client/clients.ts";
import type { Health } from "./health-service.ts";
import { createMirrorService } from "./mirror-service.ts";
import { createRepoIndexer } from "./repo-indexer.ts";
import { createRepoManager } from "./repo-manager.ts";
import { type RpcServer, startRpcServer } from "./server.ts";

/** One process for tests: real stores, cache and mirror in a temporary folder, before an upstream on loopback. */
export interface TestProcess {
  readonly url: string;
  readonly port: number;
  readonly server: RpcServer;
  readonly database: Database;
  readonly cache: Cache;
  /** Signed in as the administrator. */
  readonly clients: Clients;
  readonly upstream: TestUpstream;
  /** What the log was told, a line each. */
  readonly lines: LogLine[];
  readonly counted: string[];
  health: Awaited<ReturnType<Health>>;
  close(): Promise<void>;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Serves `files` by path. */
export interface TestUpstream {
  readonly url: string;
  readonly files: Map<string, Buffer>;
  /** Answers wait for it, after their first half; a rejection cuts them. */
  gate: Promise<void>;
  requests: number;
}

export const TEST_TOKEN = "test-token-of-the-administrator";

export interface TestProcessOptions {
  readonly drainMs?: number;
  /** True: the rules of manager/ hold. Otherwise what is asked is written. */
  readonly rules?: boolean;
  readonly manager?: Partial<RepositoryManager>;
}

export async function startTestProcess(options: TestProcessOptions = {}): Promise<TestProcess> {
  const directory = await mkdtemp(join(tmpdir(), "larder-rpc-"));
  const database = await openDatabase({ url: `sqlite:${join(directory, "larder.db")}`, secretKey: randomBytes(32) });
  const cache = await openCache({ directory: join(directory, "cache"), maxBytes: 1e9, owner: true });
  const { upstream: testUpstream, stop: stopUpstream } = await startTestUpstream();
  const lines: LogLine[] = [];
  const counted: string[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogLine["fields"] = {}) => {
      lines.push({ level, message, fields });
    };
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const upstream = createUpstream({
    allowedAddresses: ["127.0.0.0/8"],
    timeoutMs: 5_000,
    concurrencyPerOrigin: 10,
    version: "0.0.0",
    logger,
    metrics: createMetrics(),
  });
  const deriver = createDeriver(1);
  const ledger = createLedger({ store: database.ledger, onError: (error) => logger.warn("ledger", { error }) });
  const mirror = createMirror({
    ...{ cache, upstream, deriver, ledger },
    accessOf: async ({ upstreamUrl }) => ({ baseUrl: upstreamUrl, credential: undefined, trusted: false }),
    repositoryUrl: ({ id }) => `http://127.0.0.1:8080/${id}/`,
    report: () => {},
    nowMs: Date.now,
    metadataTtlMs: 300_000,
    patienceMs: 3_600_000,
    fileMaxBytes: 1e9,
    documentMaxBytes: 1e8,
  });
  const { repositories, catalog, tasks } = database;
  const rules = options.rules
    ? createRepositoryManager({ repositories, upstream, formats })
    : writeWhatIsAsked(database);
  const manager: RepositoryManager = { ...rules, ...options.manager };
  const started = {
    health: { "larder.v1.RepoManager": true, "larder.v1.RepoIndexer": true, "larder.v1.MirrorService": true },
  };
  const server = await startRpcServer({
    address: { host: "127.0.0.1", port: 0 },
    services: [
      createRepoManager({ repositories, manager }),
      createRepoIndexer({ repositories, catalog, tasks, formats }),
      createMirrorService({ repositories, mirror, cache, upstream, formats, startTime: new Date(), nowMs: Date.now }),
    ],
    authenticate: createAuthenticate(TEST_TOKEN),
    health: async () => process.health,
    logger,
    metrics: { countRpc: (method, code) => void counted.push(`${method} ${code}`) },
    drainMs: options.drainMs ?? 2_000,
  });
  const url = `http://127.0.0.1:${server.address.port}`;
  const clients = createClients({ url, token: TEST_TOKEN });
  const process: TestProcess = {
    ...{ url, port: server.address.port, server, database, cache, clients, upstream: testUpstream, lines, counted },
    health: started.health,
    async close() {
      clients.close();
      await server.close();
      await ledger.close();
      await Promise.all([upstream.close(), deriver.close(), cache.close(), database.close(), stopUpstream()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  return process;
}

/** The rules have tests of their own. */
function writeWhatIsAsked({ repositories }: Database): RepositoryManager {
  return {
    create: (input, { credential, upstreamTrusted = false }, actor) =>
      repositories.create(
        {
          ...input,
          displayName: input.displayName || input.id,
          visibility: input.visibility ?? "PRIVATE",
          upstreamTrusted,
          owner: actor,
          mode: "PROXY",
          state: "ACTIVE",
          credential,
        },
        actor,
      ),
    update: (id, { visibility, ...changes }, { etagVersion }, actor) =>
      repositories.update(id, { ...changes, ...(visibility && { visibility }) }, { actor, etagVersion }),
    async *validate() {
      yield { kind: "step", id: "parse", status: "PASSED", reason: "", message: "", durationMs: 1, hint: "" };
    },
  };
}

async function startTestUpstream(): Promise<{ upstream: TestUpstream; stop(): Promise<void> }> {
  const files = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    upstream.requests += 1;
    const body = files.get(request.url ?? "");
    if (!body) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": body.length });
    response.write(body.subarray(0, body.length / 2));
    await upstream.gate.then(
      () => response.end(body.subarray(body.length / 2)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const upstream: TestUpstream = { url: `http://127.0.0.1:${port}/`, files, gate: Promise.resolve(), requests: 0 };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { upstream, stop };
}
