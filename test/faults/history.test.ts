import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callService, type RunningLarder, repositoryUrl } from "../clients/larder.ts";
import { startLarder } from "../clients/larder-process.ts";
import { type FixtureUpstream, startFixtureUpstream } from "../fixtures/fixture-upstream.ts";
import { metricOf } from "./aftermath.ts";
import { type Answer, ask } from "./ask.ts";
import { type FormatName, HOSTILE_SITES, type HostileSite, type SiteObject } from "./hostile-site.ts";
import { eventsOf } from "./repository-events.ts";

interface Source extends HostileSite {
  readonly format: FormatName;
  readonly upstream: FixtureUpstream;
}

const FORMATS = ["npm", "pypi", "helm"] as const;

describe("an upstream that does not stand by what it published", () => {
  let sources: Source[];
  let larder: RunningLarder;
  const get = (id: string, { path, headers }: SiteObject) => ask(`${repositoryUrl(larder, id)}${path}`, { ...headers });
  const sourceOf = (format: FormatName) => sources.find((source) => source.format === format) as Source;

  beforeAll(async () => {
    sources = await Promise.all(
      FORMATS.map(async (format) => {
        const hostile = HOSTILE_SITES[format]();
        return { ...hostile, format, upstream: await startFixtureUpstream({ site: hostile.site }) };
      }),
    );
    larder = await startLarder({
      repositories: sources.map(({ format, upstream, base }) => {
        return { id: format, format, upstreamUrl: `${upstream.url}${base}/`, metadataTtl: "1ms" };
      }),
    });
  });
  afterAll(async () => {
    await larder?.stop();
    await Promise.all((sources ?? []).map(({ upstream }) => upstream.stop()));
  });

  test.each(FORMATS)(
    "%s: other bytes for a published version never arrive, although their digest is announced",
    async (format) => {
      const { file, upstream } = sourceOf(format);
      const before = await get(format, file);
      expect([before.status, file.isRight(before.body)]).toEqual([200, true]);
      file.change();
      // Kept: nobody asks the upstream.
      expect(told(await get(format, file))).toEqual([200, "HIT", before.body.toString("base64")]);

      await callService(larder, "MirrorService", "PurgeEntries", {
        parent: `repositories/${format}`,
        prefix: `file/${file.path}`,
      });
      if (file.announcedBy !== undefined) await get(format, { ...file, path: file.announcedBy });
      upstream.clearRequests();
      const after = await get(format, file);
      expect(upstream.requestCount()).toBeGreaterThan(0);
      expect(after.status).toBe(502);
      expect(after.body.toString()).toContain("first");
      expect(await eventsOf(larder, format)).toContain("DIGEST_MISMATCH");
      expect(await metricOf(larder, 'larder_events_total{kind="DIGEST_MISMATCH"}')).toBeGreaterThan(0);
    },
  );

  test.each(["npm", "pypi"] as const)("%s: an older document does not replace a newer one", async (format) => {
    const { document, upstream, base } = sourceOf(format);
    if (!document) throw new Error(`${format} has no document`);
    const path = format === "npm" ? "/small" : `${base}/small/`;
    const older = await fetch(upstream.url + path, { headers: { ...document.headers, "accept-encoding": "identity" } });
    const headers = { "content-type": older.headers.get("content-type") ?? "" };
    const body = await older.text();
    document.change();
    const newer = await get(format, document);
    expect([newer.status, document.isRight(newer.body)]).toEqual([200, true]);

    upstream.behaveFor(document.upstreamPath, { mode: "status", code: 200, headers, body });
    expect(told(await get(format, document))).toEqual([200, "STALE", newer.body.toString("base64")]);
    expect(await eventsOf(larder, format)).toContain("DOCUMENT_REFUSED");
    expect(await metricOf(larder, 'larder_events_total{kind="DOCUMENT_REFUSED"}')).toBeGreaterThan(0);

    await upstream.behave("normal");
    document.change();
    const newest = await get(format, document);
    expect([newest.status, document.isRight(newest.body)]).toEqual([200, true]);
  });
});

function told({ status, headers, body }: Answer): unknown[] {
  return [status, headers["x-cache"], body.toString("base64")];
}
