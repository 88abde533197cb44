import type { IncomingMessage } from "node:http";
import { type Authenticate, type Caller, decide } from "#internal/access/access.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Format, FormatRequest } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { RepositorySnapshot } from "#internal/repository/snapshot.ts";
import { parseTarget } from "./request-target.ts";

/** One request on its way through the gateway. */
export interface Visit {
  readonly repository: Repository;
  readonly format: Format;
  readonly original: FormatRequest;
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);

/**
 * Everything that is decided before the format and the cache are asked.
 * @throws Fault METHOD_NOT_ALLOWED, ARGUMENT_INVALID, REQUEST_TOO_LARGE, UNAUTHENTICATED, REPOSITORY_NOT_FOUND.
 */
export function admit(
  repositories: RepositorySnapshot,
  authenticate: Authenticate,
  { url = "", method = "", headers }: IncomingMessage,
): Visit {
  if (!METHODS.has(method)) throw new Fault("METHOD_NOT_ALLOWED", `${method} is not a method of this registry`);
  const target = parseTarget(url);
  const caller = authenticate(headers.authorization);
  const repository = repositories.find(target.repositoryId);
  // A hidden repository answers as one that is not there.
  if (!repository || !decide(caller, repository, "READ").allowed) {
    throw new Fault("REPOSITORY_NOT_FOUND", `there is no repository "${target.repositoryId.slice(0, 63)}" here`);
  }
  const format = formats.get(repository.format);
  if (!format) throw new Error(`repository ${repository.id} has the unknown format ${repository.format}`);
  const original = { method, path: target.path, query: target.query, headers, caller: nameOf(caller) };
  return { repository, format, original };
}

function nameOf(caller: Caller): string | undefined {
  return caller.kind === "anonymous" ? undefined : caller.name;
}
