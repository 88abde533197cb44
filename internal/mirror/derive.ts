import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Fault } from "#internal/fault/fault.ts";
import type { Announcement, DocumentRef, DocumentSource } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import { checkSuccession, type Predecessor } from "./doubts.ts";

/** What to make of one upstream document. Plain data: it crosses to a worker thread. */
export interface Derivation {
  readonly format: string;
  readonly ref: DocumentRef;
  /** File with the decoded body. */
  readonly path: string;
  readonly contentType: string;
  /** Where it was read upstream. */
  readonly url: string;
  /** Where it was asked for, before redirects. */
  readonly requestedUrl: string;
  /** Undefined: none, only what the document announces. */
  readonly representation: string | undefined;
  /** Our base URL of the repository. */
  readonly repositoryUrl: string;
  /** Tell what the document announces: after a fetch, not when another representation of a kept document is made. */
  readonly announce: boolean;
  /** The original that this one is to replace. */
  readonly predecessor?: Predecessor;
}

export interface Derived {
  /** Undefined: the document has no such representation. */
  readonly representation: DerivedRepresentation | undefined;
  /** One JSON announcement a line: cheap to hand over, and read without stopping the event loop. */
  readonly announcements: Uint8Array;
}

export interface DerivedRepresentation {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly gzip: Uint8Array | undefined;
}

/** Bodies smaller than this gain nothing from compression. */
const COMPRESS_FROM_BYTES = 1024;

const compress = promisify(gzip);

/**
 * Reads, checks and derives one document.
 * @throws Fault UPSTREAM_INVALID when the body is not such a document.
 */
export async function derive(derivation: Derivation): Promise<Derived> {
  const kind = formats.get(derivation.format)?.documents[derivation.ref.kind];
  if (!kind) throw new Error(`format ${derivation.format} has no document kind ${derivation.ref.kind}`);
  const source: DocumentSource = {
    body: await readFile(derivation.path),
    contentType: derivation.contentType,
    url: derivation.url,
    requestedUrl: derivation.requestedUrl,
    ref: derivation.ref,
  };
  if (source.body.length === 0)
    throw new Fault("UPSTREAM_INVALID", `the upstream sent an empty ${derivation.ref.kind}`);

  const document = kind.parse(source);
  if (derivation.predecessor) await checkSuccession(kind, source, document, derivation.predecessor);
  const announcements = derivation.announce ? pack(document.announcements()) : new Uint8Array();
  const { representation, repositoryUrl } = derivation;
  const made = representation === undefined ? undefined : document.represent(representation, { repositoryUrl });
  if (!made) return { representation: undefined, announcements };
  const body = Buffer.from(made.body as string);
  const compressed = body.length >= COMPRESS_FROM_BYTES ? await compress(body) : undefined;
  return { representation: { contentType: made.contentType, body, gzip: compressed }, announcements };
}

function pack(announcements: Iterable<Announcement>): Uint8Array {
  const lines: string[] = [];
  for (const announcement of announcements) lines.push(JSON.stringify(announcement));
  return Buffer.from(lines.join("\n"));
}

/** The reverse of the packing, one line at a time. */
export function* unpackAnnouncements(packed: Uint8Array): Iterable<Announcement> {
  const buffer = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let start = 0;
  while (start < buffer.length) {
    const newline = buffer.indexOf(10, start);
    const end = newline === -1 ? buffer.length : newline;
    yield JSON.parse(buffer.toString("utf8", start, end)) as Announcement;
    start = end + 1;
  }
}
