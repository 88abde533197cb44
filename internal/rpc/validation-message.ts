import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  ValidationStatus as StatusMessage,
  type ValidateRepositoryRequest,
  type ValidateRepositoryResponseSchema,
} from "#gen/larder/v1/repo_manager_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import type {
  ValidationInput,
  ValidationPreview,
  ValidationStatus,
  ValidationStep,
} from "#internal/manager/repository-manager.ts";
import { readCredential } from "./credential-message.ts";
import { readRepositoryName } from "./resource-name.ts";

const STATUSES: Readonly<Record<ValidationStatus, StatusMessage>> = {
  PASSED: StatusMessage.PASSED,
  FAILED: StatusMessage.FAILED,
  SKIPPED: StatusMessage.SKIPPED,
};

/** @throws Fault ARGUMENT_INVALID when neither a repository nor an upstream is named, or both are. */
export function readValidationInput(request: ValidateRepositoryRequest): ValidationInput {
  const { name, format, upstreamUrl, credential } = request;
  if (name === "") {
    if (upstreamUrl === "") throw invalid("upstream_url", "upstream_url or name is required");
    return { kind: "described", format, upstreamUrl, credential: readCredential(credential) };
  }
  if (format !== "" || upstreamUrl !== "" || credential) {
    throw invalid("name", "name stands for a stored repository: leave format, upstream_url and credential out");
  }
  return { kind: "stored", repositoryId: readRepositoryName(name) };
}

export function toValidationMessage(
  event: ValidationStep | ValidationPreview,
): MessageInitShape<typeof ValidateRepositoryResponseSchema> {
  if (event.kind === "step") {
    const { id, status, reason, message, durationMs, hint } = event;
    const step = {
      id,
      status: STATUSES[status],
      reason,
      message,
      duration: durationFromMs(Math.round(durationMs)),
      hint,
    };
    return { event: { case: "step", value: step } };
  }
  const { valid, detectedFormat, canonicalUrl, packageCount, versionCount, indexBytes, fileOrigins } = event;
  const preview = {
    ...{ valid, detectedFormat, canonicalUrl },
    packageCount: BigInt(packageCount),
    versionCount: BigInt(versionCount),
    indexBytes: BigInt(indexBytes),
    fileOrigins: [...fileOrigins],
  };
  return { event: { case: "preview", value: preview } };
}

function invalid(field: string, message: string): Fault {
  return new Fault("ARGUMENT_INVALID", message, { field });
}
