import type { DocumentRef, Format, FormatRequest, Refusal, Route, Snippet } from "../format.ts";
import { parseChartPath } from "./chart-file.ts";
import { compareChartVersions } from "./chart-version.ts";
import { canonicalUrl, helmAdoption } from "./helm-adoption.ts";
import { indexKind } from "./index-document.ts";
import { readIndex } from "./index-items.ts";

const INDEX: DocumentRef = { kind: "index", key: "index.yaml", upstreamPath: "index.yaml" };

/** Helm chart repositories over HTTP (protocols.md §6). */
export const helm: Format = {
  id: "helm",
  label: "Helm",
  clients: ["helm"],
  documents: { index: indexKind },
  route,
  canonicalUrl,
  refuse: ({ message }: Refusal) => ({ contentType: "text/plain; charset=utf-8", body: `${message}\n` }),
  snippets,
  adoptions: [helmAdoption],
  probes: [INDEX],
  compareVersions: compareChartVersions,
  index: { document: INDEX, read: readIndex },
};

function route({ method, path }: FormatRequest): Route | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (path === INDEX.upstreamPath) return { kind: "document", document: INDEX, representation: "index" };
  const chart = parseChartPath(path);
  if (chart === undefined) return undefined;
  const { isProvenance, ...names } = chart;
  const contentType = isProvenance ? "text/plain; charset=utf-8" : "application/gzip";
  return { kind: "file", ...names, announcedBy: INDEX, mutable: false, contentType };
}

function snippets(repositoryUrl: string): Snippet[] {
  const name = new URL(repositoryUrl).pathname.split("/").at(-2) || "larder";
  return [{ client: "helm", text: `helm repo add ${name} ${repositoryUrl}` }];
}
