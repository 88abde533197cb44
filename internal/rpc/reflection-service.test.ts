import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

interface Answer {
  readonly validHost: string;
  readonly originalRequest: object;
  readonly messageResponse: string;
  readonly listServicesResponse?: { service: { name: string }[] };
  readonly fileDescriptorResponse?: { fileDescriptorProto: Buffer[] };
  readonly allExtensionNumbersResponse?: object;
  readonly errorResponse?: { errorCode: number };
}

const PROTO = join(import.meta.dirname, "../../proto");

let larder: TestProcess;
beforeAll(async () => {
  larder = await startTestProcess();
});
afterAll(() => larder.close());

describe.each(["v1", "v1alpha"])("%s, asked by grpc-js without a token", (version) => {
  /** All questions go over one stream, as grpcurl does. */
  async function ask(...questions: object[]): Promise<Answer[]> {
    const definition = loadSync(`grpc/reflection/${version}/reflection.proto`, { includeDirs: [PROTO], oneofs: true });
    const name = `grpc.reflection.${version}.ServerReflection`;
    const Client = grpc.makeClientConstructor(definition[name] as grpc.ServiceDefinition, name);
    const client = new Client(`127.0.0.1:${larder.port}`, grpc.credentials.createInsecure());
    const stream = client.ServerReflectionInfo?.() as grpc.ClientDuplexStream<object, Answer>;
    for (const question of questions) stream.write(question);
    stream.end();
    const answers = await Array.fromAsync(stream as AsyncIterable<Answer>);
    client.close();
    return answers;
  }

  const filesOf = (answer: Answer | undefined) =>
    answer?.fileDescriptorResponse?.fileDescriptorProto.map(
      (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
    );

  test("names exactly what is served", async () => {
    const [answer] = await ask({ listServices: "*", host: "a" });
    expect(answer).toMatchObject({ validHost: "a", originalRequest: { listServices: "*" } });
    expect(answer?.listServicesResponse?.service.map(({ name }) => name)).toEqual([
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "larder.v1.MirrorService",
      "larder.v1.RepoIndexer",
      "larder.v1.RepoManager",
    ]);
  });

  test.each([
    { symbol: "larder.v1.RepoManager", file: "larder/v1/repo_manager.proto" },
    { symbol: "larder.v1.RepoManager.GetRepository", file: "larder/v1/repo_manager.proto" },
    { symbol: ".larder.v1.Repository", file: "larder/v1/resources.proto" },
    { symbol: "larder.v1.Repository.upstream_url", file: "larder/v1/resources.proto" },
    { symbol: "larder.v1.Repository.LabelsEntry", file: "larder/v1/resources.proto" },
    { symbol: "larder.v1.ValidateRepositoryResponse.event", file: "larder/v1/repo_manager.proto" },
    { symbol: "larder.v1.Visibility", file: "larder/v1/resources.proto" },
    { symbol: "larder.v1.VISIBILITY_PUBLIC", file: "larder/v1/resources.proto" },
    { symbol: "google.rpc.ErrorInfo", file: "google/rpc/error_details.proto" },
    { symbol: "google.protobuf.Timestamp", file: "google/protobuf/timestamp.proto" },
  ])("$symbol stands in $file", async ({ symbol, file }) => {
    const [answer] = await ask({ fileContainingSymbol: symbol });
    expect(filesOf(answer)?.[0]).toBe(file);
  });

  test("a file comes with all that it imports", async () => {
    const [answer] = await ask({ fileByFilename: "larder/v1/repo_manager.proto" });
    expect(filesOf(answer)?.sort()).toEqual([
      "google/protobuf/duration.proto",
      "google/protobuf/field_mask.proto",
      "google/protobuf/timestamp.proto",
      "larder/v1/repo_manager.proto",
      "larder/v1/resources.proto",
    ]);
  });

  test("a question without an answer is an answer, and the stream goes on", async () => {
    const answers = await ask(
      { fileByFilename: "absent.proto" },
      { fileContainingSymbol: "larder.v1.Absent" },
      { fileContainingExtension: { containingType: "larder.v1.Repository", extensionNumber: 7 } },
      { allExtensionNumbersOfType: "larder.v1.Absent" },
      {},
      { allExtensionNumbersOfType: "larder.v1.Repository" },
    );
    expect(answers.map(({ errorResponse }) => errorResponse?.errorCode)).toEqual([5, 5, 5, 5, 3, undefined]);
    expect(answers.at(-1)?.allExtensionNumbersResponse).toMatchObject({ baseTypeName: "larder.v1.Repository" });
    expect(answers[2]?.originalRequest).toMatchObject({ fileContainingExtension: { extensionNumber: 7 } });
  });
});
