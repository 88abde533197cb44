import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import type { RunningLarder } from "../clients/larder.ts";

/** Blobs below the cache whose name is not the digest of their bytes, and whatever else lies among them. */
export async function misnamedBlobs({ dataDir }: RunningLarder): Promise<string[]> {
  const root = join(dataDir, "cache", "v1", "blobs");
  const paths = await filesBelow(root);
  const wrong: string[] = [];
  for (const path of paths) {
    const digest = createHash("sha256")
      .update(await readFile(join(root, path)))
      .digest("hex");
    if (path !== join("sha256", digest.slice(0, 2), digest.slice(2))) wrong.push(path);
  }
  return wrong;
}

/** Unfinished files. */
export function temporaryFiles({ dataDir }: RunningLarder): Promise<string[]> {
  return filesBelow(join(dataDir, "cache", "v1", "tmp"));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + sep.length));
}

/** Value of a metric by its name and labels as they stand in the text, e.g. `larder_events_total{kind="DIGEST_MISMATCH"}`; 0 when it is not there. */
export async function metricOf({ adminUrl }: RunningLarder, series: string): Promise<number> {
  const response = await fetch(`${adminUrl}/metrics`);
  const line = (await response.text()).split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}
