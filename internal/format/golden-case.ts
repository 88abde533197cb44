import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DocumentRef, DocumentSource, FormatRequest, Route } from "./format.ts";

/**
 * One golden case: `<folder>/<name>.case.json`. Only what a case names is checked. Names of files are relative to the folder.
 */
export interface GoldenCase {
  /** File name without ".case.json". */
  readonly name: string;
  /** Below the repository; method GET, no query, no headers and no caller when absent. */
  readonly request: Partial<FormatRequest> & { readonly path: string };
  /** What `Format.route` makes of it; null: no path of this registry. */
  readonly route?: unknown;
  /** Recorded answer of the upstream for the route's document (a file's: its `announcedBy`). */
  readonly upstream?: GoldenBody & { readonly contentType?: string; readonly url?: string };
  /** Default "http://127.0.0.1:8080/team/". */
  readonly repositoryUrl?: string;
  /** What the client gets; null: the document has no such representation. `json` compares parsed, `text` and `file` byte by byte. */
  readonly representation?: (GoldenBody & { readonly contentType: string }) | null;
  /** Every announcement of the upstream document, in order. */
  readonly announcements?: readonly unknown[];
  /** The announcement of the file that the request names; null: the document does not announce it. */
  readonly announcement?: unknown;
  /** Reason of the Fault with which the upstream's answer is refused. */
  readonly fault?: string;
  /** What `Format.index.read` yields for the upstream's answer. */
  readonly items?: readonly unknown[];
}

/** Exactly one of the three. */
export interface GoldenBody {
  readonly file?: string;
  readonly text?: string;
  readonly json?: unknown;
}

/** Every case of the folder, by name. */
export function goldenCases(folder: string): GoldenCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".case.json"))
    .sort()
    .map((file) => ({
      ...JSON.parse(readFileSync(join(folder, file), "utf8")),
      name: file.slice(0, -".case.json".length),
    }));
}

/** The bytes that a case names. */
export function goldenBytes(folder: string, { file, text, json }: GoldenBody): Buffer {
  if (file !== undefined) return readFileSync(join(folder, file));
  return Buffer.from(text ?? JSON.stringify(json));
}

export function goldenRequest(golden: GoldenCase): FormatRequest {
  return { method: "GET", query: "", headers: {}, caller: undefined, ...golden.request };
}

/** The document that serves the route: its own, or the one that announces the file. */
export function documentOf(route: Route | undefined): DocumentRef | undefined {
  if (route?.kind === "document" || route?.kind === "query") return route.document;
  return route?.kind === "file" ? route.announcedBy : undefined;
}

/** The recorded answer, read below "http://registry.example/base/" unless the case says otherwise. */
export function goldenSource(
  folder: string,
  upstream: NonNullable<GoldenCase["upstream"]>,
  ref: DocumentRef,
): DocumentSource {
  return {
    body: goldenBytes(folder, upstream),
    contentType: upstream.contentType ?? "application/octet-stream",
    url: upstream.url ?? new URL(ref.upstreamPath, "http://registry.example/base/").href,
    ref,
  };
}
