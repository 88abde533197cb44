import type { DescService } from "@bufbuild/protobuf";
import type { ConnectRouter, ServiceImpl } from "@connectrpc/connect";

/** One service with its implementation, ready to be served. A process serves the ones it has. */
export interface RpcService {
  readonly descriptor: DescService;
  register(router: ConnectRouter): void;
}

/** Settings of one service's messages. */
export interface RpcServiceOptions {
  /** Largest request message, decompressed. Default: `MESSAGE_MAX_BYTES`. */
  readonly readMaxBytes?: number;
  /** Answers below this are sent as they are. Default: 1 KiB; infinite: never compressed. */
  readonly compressMinBytes?: number;
}

/** Bundles a service's descriptor with all of its methods: one that is missing does not compile. */
export function rpcService<Service extends DescService>(
  descriptor: Service,
  implementation: ServiceImpl<Service>,
  options: RpcServiceOptions = {},
): RpcService {
  return { descriptor, register: (router) => router.service(descriptor, implementation, options) };
}
