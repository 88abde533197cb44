import { randomBytes } from "node:crypto";
import type { DescService } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Health } from "#gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "#gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { MirrorService } from "#gen/larder/v1/mirror_service_pb.ts";
import { RepoIndexer } from "#gen/larder/v1/repo_indexer_pb.ts";
import { RepoManager } from "#gen/larder/v1/repo_manager_pb.ts";
import { methodPath, PERMISSIONS, permissionOf } from "./permissions.ts";
import { startTestProcess, TEST_TOKEN, type TestProcess } from "./start-test-process.ts";

const services: readonly DescService[] = [
  ...[RepoManager, RepoIndexer, MirrorService],
  ...[Health, ServerReflection, ServerReflectionAlpha],
];
const methods = services.flatMap((service) => service.methods);

let larder: TestProcess;
beforeAll(async () => {
  larder = await startTestProcess();
});
afterAll(() => larder.close());

/** Calls by path with an empty message: the descriptors say what there is, no client has to know it. */
function call(path: string, authorization: string | undefined, message: Buffer = Buffer.alloc(0)): Promise<number> {
  const client = new Client(`127.0.0.1:${larder.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set("authorization", authorization);
  return new Promise((resolve) => {
    const stream = client.makeServerStreamRequest(
      `/${path}`,
      () => message,
      (bytes: Buffer) => bytes,
      {},
      metadata,
      { deadline: Date.now() + 10_000 },
    );
    stream.on("data", () => {});
    stream.on("error", () => {});
    stream.on("status", ({ code }) => {
      client.close();
      resolve(code);
    });
  });
}

test("the table names every method that there is, and no other", () => {
  expect(Object.keys(PERMISSIONS).sort()).toEqual(methods.map(methodPath).sort());
});

test("every method of larder.v1 is for administrators", () => {
  const open = methods.filter((method) => permissionOf(method) === "open").map(({ parent }) => parent.typeName);
  expect(open.every((service) => service.startsWith("grpc."))).toBe(true);
});

const guarded = methods.filter((method) => permissionOf(method) === "admin").map(methodPath);

test.each(guarded)("%s wants the administrator's token", async (path) => {
  expect(await call(path, undefined)).toBe(status.UNAUTHENTICATED);
  expect(await call(path, "Bearer another-token")).toBe(status.UNAUTHENTICATED);
});

const BUGS = [status.UNIMPLEMENTED, status.INTERNAL, status.UNKNOWN, status.UNAUTHENTICATED];

test.each(guarded)("%s is implemented", async (path) => {
  expect(BUGS).not.toContain(await call(path, `Bearer ${TEST_TOKEN}`));
});

const HOSTILE = [
  { name: "random bytes", message: randomBytes(2_000) },
  { name: "groups in groups", message: Buffer.alloc(100_000, 0x0b) },
  { name: "messages in messages", message: nested(5_000) },
  { name: "a flood of unknown fields", message: Buffer.alloc(1_000_000, Buffer.from([0xf8, 0x7f, 0x01])) },
  { name: "a length beyond the end", message: Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]) },
  { name: "a name that is no UTF-8", message: Buffer.from([0x0a, 0x02, 0xff, 0xfe]) },
];

/** Field 2 within field 2, and so on. */
function nested(depth: number): Buffer {
  let message: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level++) {
    const length: number[] = [];
    for (let rest = message.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    message = Buffer.concat([Buffer.from([0x12, ...length]), message]);
  }
  return message;
}

test.each(HOSTILE)("$name: no method falls over it", async ({ message }) => {
  for (const path of guarded) expect(BUGS, path).not.toContain(await call(path, `Bearer ${TEST_TOKEN}`, message));
});
