import { Code, ConnectError, type ContextKey, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { ANONYMOUS, type Caller } from "#internal/access/access.ts";
import { Fault } from "#internal/fault/fault.ts";

/** What the layers around a handler know of one call. */
export interface Call {
  caller: Caller;
  /** How far the handler is: it has said nothing yet, something, all. */
  progress: "asked" | "answering" | "answered";
  /** Aborted when the server begins to close: streams without an end of their own stop then. */
  readonly stopping: AbortSignal;
}

export const CALL: ContextKey<Call> = createContextKey(newCall(new AbortController().signal));

export function newCall(stopping: AbortSignal): Call {
  return { caller: ANONYMOUS, progress: "asked", stopping };
}

/** `users/{user}` of the caller, for events and tasks. */
export function actorOf(context: HandlerContext): string {
  const caller = callerOf(context);
  if (caller.kind === "anonymous") throw new Fault("UNAUTHENTICATED", "nobody is signed in");
  return `users/${caller.name}`;
}

export function callerOf(context: HandlerContext): Caller {
  return context.values.get(CALL).caller;
}

/** Ends with the call, and when the server begins to close. For streams that would go on for ever. */
export function watchSignal(context: HandlerContext): AbortSignal {
  return AbortSignal.any([context.signal, context.values.get(CALL).stopping]);
}

/** What a stream ends with that had more to say. */
export function serverClosing(): ConnectError {
  return new ConnectError("the server is closing: call again", Code.Unavailable);
}
