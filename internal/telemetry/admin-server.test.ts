import { afterEach, expect, test } from "vitest";
import { type AdminServer, startAdminServer } from "./admin-server.ts";
import { createMetrics } from "./metrics.ts";

let server: AdminServer | undefined;
afterEach(() => server?.close());

async function ask(path: string, options: { ready?: boolean; method?: string } = {}) {
  server = await startAdminServer({
    address: { host: "127.0.0.1", port: 0 },
    metrics: createMetrics(),
    ready: async () => {
      if (options.ready === undefined) throw new Error("the check itself broke");
      return { ready: options.ready, details: { database: options.ready ? "ok" : "gone" } };
    },
  });
  const response = await fetch(`http://127.0.0.1:${server.address.port}${path}`, { method: options.method ?? "GET" });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

test.each([
  { path: "/livez", ready: false, status: 200, text: "ok" },
  { path: "/readyz", ready: true, status: 200, text: '{"ready":true,"details":{"database":"ok"}}' },
  { path: "/readyz?verbose", ready: false, status: 503, text: '{"ready":false,"details":{"database":"gone"}}' },
  { path: "/", ready: true, status: 404, text: "/metrics" },
])("$path answers $status when ready is $ready", async ({ path, ready, status, text }) => {
  const answer = await ask(path, { ready });
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(text);
});

test("a readiness check that throws answers 500, not a hang", async () => {
  expect((await ask("/readyz")).status).toBe(500);
});

test("only reading is allowed", async () => {
  expect((await ask("/livez", { method: "POST" })).status).toBe(405);
});

test("/metrics speaks the Prometheus text format", async () => {
  const { type, text } = await ask("/metrics");
  expect(type).toContain("text/plain; version=0.0.4");
  expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
});

test("a taken address rejects", async () => {
  await ask("/livez");
  const address = server?.address ?? { host: "", port: 0 };
  await expect(
    startAdminServer({ address, metrics: createMetrics(), ready: async () => ({ ready: true, details: {} }) }),
  ).rejects.toThrow("EADDRINUSE");
});
