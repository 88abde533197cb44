import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("counters and histograms show what was counted", async () => {
  const metrics = createMetrics();
  metrics.countRequest("hit", 200, 2);
  metrics.countRequest("hit", 206, 2);
  metrics.countUpstreamRequest("file", "UPSTREAM_UNAVAILABLE", 5_000);
  metrics.countUpstreamBytes("file", 1_234);
  metrics.countRpc("RepoManager/GetRepository", "ok", 1);
  metrics.countEvent("DIGEST_MISMATCH");
  const text = await metrics.text();
  expect(text).toContain('larder_requests_total{verdict="hit",status="2xx"} 2');
  expect(text).toContain("larder_request_seconds_count 2");
  expect(text).toContain('larder_upstream_requests_total{path_class="file",outcome="UPSTREAM_UNAVAILABLE"} 1');
  expect(text).toContain('larder_upstream_bytes_total{path_class="file"} 1234');
  expect(text).toContain('larder_rpc_seconds_count{method="RepoManager/GetRepository",code="ok"} 1');
  expect(text).toContain('larder_events_total{kind="DIGEST_MISMATCH"} 1');
});

test("gauges are read at each scrape", async () => {
  const metrics = createMetrics();
  let breakers = [{ origin: "http://127.0.0.1:1", pathClass: "file", breaker: "open" as const }];
  let fills = 1;
  metrics.observeBreakers(() => breakers);
  metrics.observeFillsInFlight(() => fills);
  metrics.observeIndexTasks(async () => ({ PENDING: 3 }));
  metrics.observeCache(() => ({ entries: 1, blobs: 2, bytes: 3, maxBytes: 4, evictedEntries: 5 }));
  const first = await metrics.text();
  expect(first).toContain('larder_upstream_breaker{origin="http://127.0.0.1:1",path_class="file"} 2');
  expect(first).toContain("larder_fills_in_flight 1");
  expect(first).toContain('larder_index_tasks{state="PENDING"} 3');
  expect(first).toContain("larder_cache_bytes 3");
  breakers = [];
  fills = 0;
  const second = await metrics.text();
  expect(second).not.toContain("larder_upstream_breaker{");
  expect(second).toContain("larder_fills_in_flight 0");
});

test("a second reader replaces the first, and two processes' worth of metrics do not meet", async () => {
  const metrics = createMetrics();
  metrics.observeFillsInFlight(() => 1);
  metrics.observeFillsInFlight(() => 2);
  expect(await metrics.text()).toContain("larder_fills_in_flight 2");
  expect(await createMetrics().text()).not.toContain("larder_fills_in_flight");
});
