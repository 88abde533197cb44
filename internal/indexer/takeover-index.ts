import type { FetchedIndex } from "./fetch-index.ts";

/** Of the worker that is killed; the next one waits for so long. */
export const TAKEOVER_LEASE_MS = 1_500;
/** Three chunks. */
export const CHART_COUNT = 250;

/** The index that both workers of takeover.test.ts read. */
export function chartIndex(): FetchedIndex {
  const charts = Array.from({ length: CHART_COUNT }, (_, n) => {
    const name = `chart-${String(n).padStart(3, "0")}`;
    return `  ${name}:\n  - name: ${name}\n    version: 1.0.0\n    urls:\n    - ${name}-1.0.0.tgz\n`;
  });
  const url = "http://registry.example/charts/index.yaml";
  const body = Buffer.from(`apiVersion: v1\nentries:\n${charts.join("")}`);
  return { status: 200, body, contentType: "application/yaml", url, requestedUrl: url, etag: "", lastModified: "" };
}
