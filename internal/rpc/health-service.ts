import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  Health as HealthDescriptor,
  HealthCheckResponse_ServingStatus as Status,
} from "#gen/grpc/health/v1/health_pb.ts";
import { watchSignal } from "./call.ts";
import { type RpcService, rpcService } from "./rpc-service.ts";

/**
 * Whether each service can do its work now, by full name, e.g. "larder.v1.RepoManager". A served one that is not named is not healthy;
 * rejecting means that nothing is.
 */
export type Health = () => Promise<Readonly<Record<string, boolean>>>;

/** How often a watched service is looked at. */
const WATCH_MS = 1_000;

/** grpc.health.v1 over the served services; "" is all of them together. */
export function createHealthService(services: readonly RpcService[], health: Health): RpcService {
  const names = services.map(({ descriptor }) => descriptor.typeName);

  const statusOf = async (service: string): Promise<Status> => {
    if (service === HealthDescriptor.typeName) return Status.SERVING;
    if (service !== "" && !names.includes(service)) return Status.SERVICE_UNKNOWN;
    const healthy = await health().catch(() => ({}) as Readonly<Record<string, boolean>>);
    const asked = service === "" ? names : [service];
    return asked.every((name) => healthy[name] === true) ? Status.SERVING : Status.NOT_SERVING;
  };

  return rpcService(HealthDescriptor, {
    async check({ service }) {
      const status = await statusOf(service);
      if (status === Status.SERVICE_UNKNOWN) throw unknownService(service);
      return { status };
    },
    async *watch({ service }, context) {
      const signal = watchSignal(context);
      let last: Status | undefined;
      while (!signal.aborted) {
        const status = await statusOf(service);
        if (status !== last) yield { status };
        last = status;
        await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
      }
    },
  });
}

function unknownService(service: string): ConnectError {
  return new ConnectError(`this process does not serve "${service.slice(0, 200)}"`, Code.NotFound);
}
