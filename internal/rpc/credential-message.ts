import type { Credential as CredentialMessage } from "#gen/larder/v1/repo_manager_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import { checkCredential } from "#internal/manager/check-credential.ts";
import type { Credential } from "#internal/repository/repository.ts";

/**
 * Undefined when it is absent. No message of a fault repeats what was given.
 * @throws Fault ARGUMENT_INVALID.
 */
export function readCredential(message: CredentialMessage | undefined): Credential | undefined {
  return message && checkCredential(toCredential(message));
}

function toCredential({ kind }: CredentialMessage): Credential {
  switch (kind.case) {
    case "basic":
      return { kind: "basic", username: kind.value.username, password: kind.value.password };
    case "bearer":
      return { kind: "bearer", token: kind.value.token };
    case "header":
      return { kind: "header", name: kind.value.name, value: kind.value.value };
    default: {
      const field = "credential.kind";
      throw new Fault("ARGUMENT_INVALID", `${field} must be exactly one of basic, bearer, header`, { field });
    }
  }
}
