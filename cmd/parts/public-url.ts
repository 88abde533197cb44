import type { Configuration } from "#internal/config/configuration.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** Where clients reach the gateway: as configured, else where it listens. The Host header never decides. */
export interface PublicUrl {
  /** Base URL of a repository, ends in "/". */
  of(repository: Pick<Repository, "id">): string;
  /** The gateway's address, once it has one: with port 0 nobody knows it before. */
  listensOn(address: string): void;
  base(): string;
}

export function createPublicUrl({ publicUrl, httpAddress }: Configuration): PublicUrl {
  let base = publicUrl ?? `http://${httpAddress.host}:${httpAddress.port}/`;
  if (!base.endsWith("/")) base += "/";
  return {
    of: ({ id }) => `${base}${id}/`,
    listensOn(address) {
      if (publicUrl === undefined) base = `http://${address}/`;
    },
    base: () => base,
  };
}
