import type { DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { Fault, type Reason } from "#internal/fault/fault.ts";
import { CODES, ERROR_DOMAIN } from "../faults.ts";

/** What the server's fault was, as if it had been thrown here. Anything else (nobody answers, a bug over there) stays a ConnectError. */
export function fromConnectError(error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error;
  const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === ERROR_DOMAIN);
  if (!info || !isReason(info.reason)) return error;
  return new Fault(info.reason, error.rawMessage, { ...retryFact(error), ...info.metadata }, { cause: error });
}

/** True when the other process could not be reached, or went away: not an answer of its. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  return [Code.Unavailable, Code.DeadlineExceeded, Code.Aborted, Code.Canceled].includes(error.code);
}

type Call = (request: never, options?: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

/** The same client, whose calls throw a Fault where they can. (connect makes a ConnectError of whatever an interceptor throws.) */
export function withFaults<Service extends DescService>(service: Service, client: Client<Service>): Client<Service> {
  const calls = client as unknown as Readonly<Record<string, Call>>;
  const wrapped = service.methods.map(({ localName }) => {
    const call = calls[localName];
    return [localName, call && translating(call)];
  });
  return Object.fromEntries(wrapped) as Client<Service>;
}

function translating(call: Call): Call {
  return (request, options) => {
    const answer = call(request, options);
    if (!(answer instanceof Promise)) return translated(answer);
    return answer.catch((error: unknown) => {
      throw fromConnectError(error);
    });
  };
}

async function* translated<Message>(messages: AsyncIterable<Message>): AsyncIterable<Message> {
  try {
    yield* messages;
  } catch (error) {
    throw fromConnectError(error);
  }
}

function isReason(word: string): word is Reason {
  return Object.hasOwn(CODES, word);
}

function retryFact(error: ConnectError): Record<string, string> {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay ? { retryAfterSeconds: String(delay.seconds) } : {};
}
