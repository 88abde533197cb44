import type { HandlerContext } from "@connectrpc/connect";
import { ANONYMOUS, type Authenticate, type Caller } from "#internal/access/access.ts";
import { Fault } from "#internal/fault/fault.ts";
import { CALL } from "./call.ts";
import { type CallRecorder, recordCall } from "./call-record.ts";
import { toConnectError } from "./faults.ts";
import { methodPath, permissionOf } from "./permissions.ts";

/**
 * Stands before every call, before a byte of its message is read: who is it, may they, and how does it end.
 * @throws ConnectError UNAUTHENTICATED, PERMISSION_DENIED.
 */
export function createRequestGate(
  authenticate: Authenticate,
  recorder: CallRecorder,
): (context: HandlerContext) => void {
  return (context) => {
    recordCall(context, recorder);
    try {
      context.values.get(CALL).caller = admit(context, authenticate);
    } catch (error) {
      throw toConnectError(error);
    }
  };
}

function admit({ method, requestHeader }: HandlerContext, authenticate: Authenticate): Caller {
  const permission = permissionOf(method);
  if (permission === "open") return ANONYMOUS;
  if (permission === undefined) throw new Fault("PERMISSION_DENIED", `nobody may call ${methodPath(method)}`);
  const caller = authenticate(requestHeader.get("authorization") ?? undefined);
  if (caller.kind === "admin") return caller;
  throw new Fault("UNAUTHENTICATED", `${method.name} needs a token: send the metadata "authorization: Bearer <token>"`);
}
