import type { DescFile } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { file_google_rpc_error_details } from "#gen/google/rpc/error_details_pb.ts";
import { Health } from "#gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "#gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { createDescriptorIndex, type DescriptorIndex, withDependencies } from "./descriptor-index.ts";
import { type RpcService, rpcService } from "./rpc-service.ts";

/** What both versions ask; their messages differ in nothing but the package. */
type Question =
  | {
      readonly case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices";
      readonly value: string;
    }
  | { readonly case: "fileContainingExtension"; readonly value: Extension }
  | { readonly case: undefined; readonly value?: undefined };
interface Extension {
  readonly containingType: string;
  readonly extensionNumber: number;
}

// As gRPC numbers them.
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

/** Reflection v1 and v1alpha (grpcurl asks for either) over the services that are served. */
export function createReflectionServices(services: readonly RpcService[]): RpcService[] {
  const served = [...services.map(({ descriptor }) => descriptor), Health, ServerReflection, ServerReflectionAlpha];
  const names = served.map(({ typeName }) => typeName).sort();
  // Error details are named by failures, not by methods.
  const index = createDescriptorIndex([...served.map(({ file }) => file), file_google_rpc_error_details]);

  async function* serverReflectionInfo(
    requests: AsyncIterable<{ readonly host: string; readonly messageRequest: Question }>,
  ) {
    for await (const request of requests) {
      const { host, messageRequest } = request;
      yield {
        validHost: host,
        originalRequest: { host, messageRequest: echoOf(messageRequest) },
        messageResponse: answer(messageRequest, index, names),
      };
    }
  }

  return [
    rpcService(ServerReflection, { serverReflectionInfo }),
    rpcService(ServerReflectionAlpha, { serverReflectionInfo }),
  ];
}

/** The question without the name of its version. */
function echoOf(question: Question): Question {
  if (question.case !== "fileContainingExtension") return question;
  const { containingType, extensionNumber } = question.value;
  return { case: question.case, value: { containingType, extensionNumber } };
}

/** A failure is an answer, too: the stream goes on. */
function answer(question: Question, index: DescriptorIndex, names: readonly string[]) {
  switch (question.case) {
    case "listServices":
      return { case: "listServicesResponse" as const, value: { service: names.map((name) => ({ name })) } };
    case "fileByFilename":
      return filesOf(index.fileNamed(question.value), question.value);
    case "fileContainingSymbol":
      return filesOf(index.fileWithSymbol(question.value), question.value);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const file = index.fileWithExtension(containingType, extensionNumber);
      return filesOf(file, `extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType":
      return extensionsOf(question.value, index);
    default:
      return failure(INVALID_ARGUMENT, "the request asks for nothing");
  }
}

function filesOf(file: DescFile | undefined, asked: string) {
  if (!file) return failure(NOT_FOUND, `there is no ${asked.slice(0, 200)}`);
  const fileDescriptorProto = [...withDependencies(file)].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: "fileDescriptorResponse" as const, value: { fileDescriptorProto } };
}

function extensionsOf(baseTypeName: string, index: DescriptorIndex) {
  const extensionNumber = index.extensionNumbers(baseTypeName);
  if (!extensionNumber) return failure(NOT_FOUND, `there is no ${baseTypeName.slice(0, 200)}`);
  return {
    case: "allExtensionNumbersResponse" as const,
    value: { baseTypeName, extensionNumber: [...extensionNumber] },
  };
}

function failure(errorCode: number, errorMessage: string) {
  return { case: "errorResponse" as const, value: { errorCode, errorMessage } };
}
