import type { Configuration } from "#internal/config/configuration.ts";
import { formatAddress } from "#internal/config/parse-network.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** Where clients reach the gateway: as configured, else where it listens. The Host header never decides. */
export interface PublicUrl {
  /** Base URL of a repository, ends in "/". */
  of(repository: Pick<Repository, "id">): string;
  /** The gateway's address, once it has one: with port 0 nobody knows it before. */
  listensOn(address: string): void;
}

export function createPublicUrl({ publicUrl, httpAddress }: Configuration): PublicUrl {
  let base = publicUrl ?? `http://${formatAddress(httpAddress)}`;
  return {
    of: ({ id }) => `${base}/${id}/`,
    listensOn(address) {
      if (publicUrl === undefined) base = `http://${address}`;
    },
  };
}

/** The base URLs by which clients may know this Larder. */
export function ownUrls({ publicUrl, httpAddress }: Configuration): readonly string[] {
  const listens = `http://${formatAddress(httpAddress)}/`;
  return publicUrl === undefined ? [listens] : [publicUrl, listens];
}
