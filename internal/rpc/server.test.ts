import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ErrorInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { RepoManager } from "#gen/larder/v1/repo_manager_pb.ts";
import { startTestProcess, TEST_TOKEN, type TestProcess } from "./start-test-process.ts";

const PROTO = join(import.meta.dirname, "../../proto");
const AUTHORIZATION = `Bearer ${TEST_TOKEN}`;

let larder: TestProcess;
let hang: PromiseWithResolvers<void>;
let manager: grpc.Client & Record<string, (...args: unknown[]) => grpc.ClientReadableStream<unknown>>;
beforeAll(async () => {
  hang = Promise.withResolvers();
  larder = await startTestProcess({
    manager: {
      async *validate() {
        yield { kind: "step", id: "parse", status: "PASSED", reason: "", message: "", durationMs: 1, hint: "" };
        await hang.promise;
      },
      update: () => {
        throw new TypeError("canary of a bug");
      },
    },
  });
  manager = grpcClient(larder);
  await larder.clients.repoManager.createRepository({
    repositoryId: "files",
    repository: { format: "raw", upstreamUrl: "http://files.example/", description: "d".repeat(900) },
  });
});
afterAll(async () => {
  hang.resolve();
  manager.close();
  await larder.close();
});

/** The independent client: grpc-js with the proto files, nothing of connect. */
function grpcClient({ port }: TestProcess): typeof manager {
  const definition = loadSync("larder/v1/repo_manager.proto", { includeDirs: [PROTO], longs: String, enums: String });
  const { larder: root } = grpc.loadPackageDefinition(definition) as unknown as {
    larder: { v1: { RepoManager: grpc.ServiceClientConstructor } };
  };
  const options = { "grpc.default_compression_algorithm": 2 };
  return new root.v1.RepoManager(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
    options,
  ) as unknown as typeof manager;
}

function metadata(): grpc.Metadata {
  const values = new grpc.Metadata();
  values.set("authorization", AUTHORIZATION);
  return values;
}

function ask(method: string, request: object, options: object = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    manager[method]?.(request, metadata(), options, (error: Error | null, answer: Record<string, unknown>) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

function post(
  path: string,
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${larder.url}/larder.v1.RepoManager/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: AUTHORIZATION, ...headers },
    body,
  });
}

/** Sends bytes, resolves with what came back until the other side ended. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(larder.port, "127.0.0.1").setEncoding("latin1");
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  socket.end(bytes, "latin1");
  await once(socket, "close");
  return answer;
}

test("grpc-js: a unary call, compressed both ways", async () => {
  const repository = await ask("GetRepository", { name: "repositories/files" });
  expect(repository).toMatchObject({ name: "repositories/files", visibility: "VISIBILITY_PRIVATE", etag: '"1"' });
});

test("grpc-js: a failure has google.rpc.Status in its trailers", async () => {
  const error = await ask("GetRepository", { name: "repositories/absent" }).catch((caught) => caught);
  expect(error).toMatchObject({ code: grpc.status.NOT_FOUND });
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  // google.rpc.Status: code = 1, message = 2, details = 3 (length-delimited Any).
  const details = bytes.subarray(bytes.indexOf(Buffer.from("type.googleapis.com")) - 2);
  const info = anyUnpack(fromBinary(AnySchema, details), ErrorInfoSchema);
  expect(info).toMatchObject({ reason: "REPOSITORY_NOT_FOUND", domain: "larder" });
});

test("grpc-js: a stream, ended by the client's deadline", async () => {
  const stream = manager.ValidateRepository?.({ upstreamUrl: "http://files.example" }, metadata(), {
    deadline: Date.now() + 1_500,
  });
  const seen: unknown[] = [];
  stream?.on("data", (message) => seen.push(message));
  const [error] = await once(stream as grpc.ClientReadableStream<unknown>, "error");
  expect(seen).toHaveLength(1);
  expect(error).toMatchObject({ code: grpc.status.DEADLINE_EXCEEDED });
});

test("Connect JSON over HTTP/1.1", async () => {
  const answer = await post("GetRepository", JSON.stringify({ name: "repositories/files" }));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ name: "repositories/files", upstreamUrl: "http://files.example/" });
});

test("Connect JSON: a failure has its code, reason and field", async () => {
  const answer = await post("GetRepository", JSON.stringify({ name: "nonsense" }));
  expect(answer.status).toBe(400);
  const body = (await answer.json()) as { code: string; details: { type: string; debug: object }[] };
  expect(body.code).toBe("invalid_argument");
  expect(body.details.map(({ type, debug }) => ({ type, debug }))).toMatchObject([
    { type: "google.rpc.ErrorInfo", debug: { reason: "ARGUMENT_INVALID", domain: "larder" } },
    { type: "google.rpc.BadRequest", debug: { fieldViolations: [{ field: "name" }] } },
  ]);
});

test("Connect JSON: a large request arrives whole, in pieces and compressed", async () => {
  const large = JSON.stringify({ name: "repositories/files", filler: "x".repeat(3_000_000) });
  expect((await post("GetRepository", large)).status).toBe(200);
  const compressed = await post("GetRepository", gzipSync(large), { "content-encoding": "gzip" });
  expect(compressed.status).toBe(200);
});

test("gRPC-Web", async () => {
  const transport = createGrpcWebTransport({ baseUrl: larder.url, httpVersion: "1.1" });
  const headers = { authorization: AUTHORIZATION };
  const client = createClient(RepoManager, transport);
  expect(await client.getRepository({ name: "repositories/files" }, { headers })).toMatchObject({ format: "raw" });
  const failure = client.getRepository({ name: "repositories/absent" }, { headers });
  await expect(failure).rejects.toSatisfy((error) => error.findDetails(ErrorInfoSchema)[0].domain === "larder");
});

test.each([
  { name: "as it is", body: JSON.stringify({ name: "x".repeat(5_000_000) }), headers: {} },
  {
    name: "once it is decompressed",
    body: gzipSync(JSON.stringify({ name: "x".repeat(500_000_000) })),
    headers: { "content-encoding": "gzip" },
  },
])("a message that is too large $name is refused, and the process goes on", async ({ body, headers }) => {
  const answer = await post("GetRepository", body, headers as Record<string, string>);
  expect(answer.status).toBe(429);
  const refusal = (await answer.json()) as { code: string; details: { debug: { reason: string } }[] };
  expect(refusal.code).toBe("resource_exhausted");
  expect(refusal.details[0]?.debug.reason).toBe("REQUEST_TOO_LARGE");
  expect((await post("GetRepository", JSON.stringify({ name: "repositories/files" }))).status).toBe(200);
});

test("a message that is too large is refused over gRPC, too", async () => {
  const failure = ask("GetRepository", { name: "x".repeat(5_000_000) });
  await expect(failure).rejects.toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED });
});

test.each([
  { name: "no JSON", body: "{", status: 400 },
  { name: "JSON of another shape", body: '{"name":{"$ne":1}}', status: 400 },
  { name: "deep JSON", body: `${'{"repository":'.repeat(50_000)}{}${"}".repeat(50_000)}`, status: 400 },
])("$name is refused", async ({ body, status }) => {
  expect((await post("GetRepository", body)).status).toBe(status);
});

test("a bug answers INTERNAL, tells the log once and the caller nothing", async () => {
  const body = JSON.stringify({ repository: { name: "repositories/files" }, updateMask: "description" });
  const answer = await post("UpdateRepository", body);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ code: "internal", message: "internal error" });
  const told = larder.lines.filter(({ fields }) =>
    String((fields.error as Error)?.message).includes("canary of a bug"),
  );
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: "error", fields: { method: "larder.v1.RepoManager/UpdateRepository" } });
});

test.each([
  {
    name: "a host that is none",
    bytes:
      "POST /larder.v1.RepoManager/GetRepository HTTP/1.1\r\nHost: [\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    want: "HTTP/1.1 400",
  },
  {
    name: "no host",
    bytes: "POST /larder.v1.RepoManager/GetRepository HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
    want: "HTTP/1.1 400",
  },
  {
    name: "another path",
    bytes: "GET /favicon.ico HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    want: "HTTP/1.1 404",
  },
  {
    name: "too many header bytes",
    bytes: `GET / HTTP/1.1\r\nHost: a\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
    want: "HTTP/1.1 431",
  },
  { name: "no HTTP", bytes: "\u0016\u0003\u0001 hello", want: "HTTP/1.1 400" },
  { name: "half a preface", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\nnonsense nonsense", want: "" },
  { name: "nothing", bytes: "", want: "" },
])("$name is refused, and the process goes on", async ({ bytes, want }) => {
  expect(await raw(bytes)).toMatch(new RegExp(`^${want}`));
  expect((await ask("GetRepository", { name: "repositories/files" })).name).toBe("repositories/files");
});

test("each call is told once: method, code, caller; nothing of what it said", async () => {
  larder.lines.length = 0;
  larder.counted.length = 0;
  await ask("GetRepository", { name: "repositories/files" });
  await ask("GetRepository", { name: "repositories/canary" }).catch(() => {});
  await post("GetRepository", "{", {});
  await post("GetRepository", "{}", { authorization: "Bearer canary" });
  const told = larder.lines.map(
    ({ level, fields }) => `${level} ${fields.code} ${fields.caller} ${fields.reason ?? ""}`,
  );
  expect(told.map((line) => line.trim())).toEqual([
    "info OK users/admin",
    "info NOT_FOUND users/admin REPOSITORY_NOT_FOUND",
    "info INVALID_ARGUMENT users/admin",
    "info UNAUTHENTICATED anonymous UNAUTHENTICATED",
  ]);
  expect(larder.counted[1]).toBe("RepoManager/GetRepository NOT_FOUND");
  expect(JSON.stringify(larder.lines)).not.toContain(TEST_TOKEN);
  expect(JSON.stringify(larder.lines)).not.toContain("Bearer");
});

test("closing lets calls under way end, and takes no new ones", async () => {
  const gate = Promise.withResolvers<void>();
  const closing = await startTestProcess({
    manager: {
      async *validate() {
        yield { kind: "step", id: "parse", status: "PASSED", reason: "", message: "", durationMs: 1, hint: "" };
        await gate.promise;
        yield { kind: "step", id: "dns", status: "PASSED", reason: "", message: "", durationMs: 1, hint: "" };
      },
    },
  });
  const stream = closing.clients.repoManager.validateRepository({ upstreamUrl: "http://files.example" });
  const steps = stream[Symbol.asyncIterator]();
  await steps.next();
  const idle = await fetch(`${closing.url}/larder.v1.RepoManager/GetRepository`, { method: "POST" });
  await idle.arrayBuffer();
  const closed = closing.server.close();
  await expect(fetch(closing.url)).rejects.toThrow();
  gate.resolve();
  expect((await steps.next()).value.event.value.id).toBe("dns");
  expect((await steps.next()).done).toBe(true);
  await closed;
  await closing.close();
});

test("closing does not wait for connections that have said nothing", async () => {
  const closing = await startTestProcess({ drainMs: 3_600_000 });
  const silent = connect(closing.port, "127.0.0.1");
  await once(silent, "connect");
  const gone = once(silent, "close");
  await closing.server.close();
  await gone;
  await closing.close();
});
