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
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

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
function call(path: string, authorization: string | undefined): Promise<number> {
  const client = new Client(`127.0.0.1:${larder.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set("authorization", authorization);
  return new Promise((resolve) => {
    const stream = client.makeServerStreamRequest(
      `/${path}`,
      () => Buffer.alloc(0),
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
