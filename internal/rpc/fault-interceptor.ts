import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { CALL, type Call } from "./call.ts";
import { toConnectError } from "./faults.ts";

/** Turns what a handler throws into what the caller gets, and ends a unary call at its deadline. */
export const faultInterceptor: Interceptor = (next) => async (request) => {
  const call = request.contextValues.get(CALL);
  try {
    if (request.stream) {
      const response = await next(request);
      return response.stream ? { ...response, message: guarded(response.message, call) } : response;
    }
    const response = await unlessAborted(next(request), request.signal);
    call.progress = "answered";
    return response;
  } catch (error) {
    throw toConnectError(error);
  }
};

async function* guarded(
  messages: AsyncIterable<MessageShape<DescMessage>>,
  call: Call,
): AsyncIterable<MessageShape<DescMessage>> {
  try {
    for await (const message of messages) {
      call.progress = "answering";
      yield message;
    }
    call.progress = "answered";
  } catch (error) {
    throw toConnectError(error);
  }
}

/** The handler may go on, but nobody waits for it any more. */
function unlessAborted<Response>(response: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    response.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
