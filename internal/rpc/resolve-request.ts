import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ResolveRequest } from "#gen/larder/v1/mirror_service_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Format, FormatRequest, Route } from "#internal/format/format.ts";
import type { MirrorRequest } from "#internal/mirror/mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { RESOLVE_BODY_MAX_BYTES } from "./limits.ts";

const MAX_PATH_BYTES = 4_096;
const MAX_HEADER_BYTES = 2_048;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST"]);
const HEADERS = ["accept", "accept-encoding", "content-type", "content-encoding"] as const;
const FORBIDDEN = /[\\\p{Cc}]|%(?![0-9a-f]{2})|%(?:00|5c|0a|0d)/iu;
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

const decompress = promisify(gunzip);

/**
 * The registry request in the words of the mirror.
 * @throws Fault ARGUMENT_INVALID, METHOD_NOT_ALLOWED, REQUEST_TOO_LARGE; ROUTE_NOT_FOUND for what is no path of the registry, or one that the
 * gateway answers by itself.
 */
export async function readResolveRequest(
  request: ResolveRequest,
  repository: Repository,
  formats: ReadonlyMap<string, Format>,
): Promise<MirrorRequest> {
  const original = readOriginal(request);
  const route = formats.get(repository.format)?.route(original);
  if (!route || !isMirrored(route)) {
    const facts = { repository: repository.id };
    throw new Fault("ROUTE_NOT_FOUND", `repository ${repository.id} mirrors nothing at this path`, facts);
  }
  return {
    ...{ repository, route, original },
    ...(route.kind === "query" && { body: await readBody(request, original) }),
    gzip: /(?:^|,)\s*gzip\s*(?:,|$)/.test(String(original.headers["accept-encoding"] ?? "")),
    lost: request.lost,
  };
}

function isMirrored(route: Route): route is MirrorRequest["route"] {
  return route.kind === "document" || route.kind === "file" || route.kind === "query";
}

function readOriginal({ method, path, query, headers }: ResolveRequest): FormatRequest {
  if (!METHODS.has(method))
    throw new Fault("METHOD_NOT_ALLOWED", "method must be GET, HEAD or POST", { field: "method" });
  if (Buffer.byteLength(path) + Buffer.byteLength(query) > MAX_PATH_BYTES) {
    throw new Fault("REQUEST_TOO_LARGE", `path and query have more than ${MAX_PATH_BYTES} bytes`, { field: "path" });
  }
  if (path.startsWith("/") || DOT_SEGMENT.test(path) || FORBIDDEN.test(path) || FORBIDDEN.test(query)) {
    throw new Fault("ARGUMENT_INVALID", "path must be percent-encoded, relative and without dot segments", {
      field: "path",
    });
  }
  const kept = HEADERS.flatMap((name) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    return value === undefined ? [] : [[name, readHeader(name, value)] as const];
  });
  return { method, path, query, headers: Object.fromEntries(kept), caller: undefined };
}

function readHeader(name: string, value: string): string {
  if (value.length <= MAX_HEADER_BYTES) return value;
  throw new Fault("REQUEST_TOO_LARGE", `header ${name} has more than ${MAX_HEADER_BYTES} bytes`, { field: "headers" });
}

/** Undoes the content coding: npm compresses its audit questions. */
async function readBody({ body }: ResolveRequest, { headers }: FormatRequest): Promise<Buffer> {
  if (body.length > RESOLVE_BODY_MAX_BYTES) throw bodyTooLarge();
  const coding = headers["content-encoding"] ?? "identity";
  if (coding === "identity" || coding === "") return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (coding !== "gzip") {
    throw new Fault("ARGUMENT_INVALID", "content-encoding must be identity or gzip", { field: "headers" });
  }
  try {
    return await decompress(body, { maxOutputLength: RESOLVE_BODY_MAX_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw bodyTooLarge();
    throw new Fault("ARGUMENT_INVALID", "body is not gzip, as its content-encoding says", { field: "body" });
  }
}

function bodyTooLarge(): Fault {
  return new Fault("REQUEST_TOO_LARGE", `body has more than ${RESOLVE_BODY_MAX_BYTES} bytes`, { field: "body" });
}
