import { afterEach, expect, test } from "vitest";
import { pem, respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

/** "dns, connect: refused" and so on: the steps, and the cause of the last. */
async function walk(
  url: string,
  { trusted = true, signal }: { trusted?: boolean; signal?: AbortSignal } = {},
): Promise<string[]> {
  const steps: string[] = [];
  for await (const { step, fault } of bench.upstream.probe(
    url,
    { baseUrl: url, credential: undefined, trusted },
    signal,
  )) {
    steps.push(fault ? `${step}: ${fault.facts.cause}` : step);
  }
  return steps;
}

const lookup = async (hostname: string) => {
  if (hostname === "gone.example") throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  return [{ address: "127.0.0.1", family: 4 }];
};

test("all steps of a healthy upstream, without a request", async () => {
  bench = openTestUpstream({ lookup, authorities: () => [pem("server-certificate")], timeoutMs: 5_000 });
  const plain = await bench.serve((socket) => respond(socket, 200));
  const secure = await bench.serve((socket) => respond(socket, 200), { certificate: "server" });
  expect(await walk(plain.url)).toEqual(["dns", "connect"]);
  expect(await walk(`https://registry.example:${secure.port}/`)).toEqual(["dns", "connect", "tls"]);
  expect([...plain.heads, ...secure.heads]).toEqual([]);
});

test("each failure ends the walk at its step", async () => {
  bench = openTestUpstream({ lookup, authorities: () => [pem("server-certificate")] });
  const silent = await bench.serve(() => undefined);
  const secure = await bench.serve(() => undefined, { certificate: "server" });
  const gone = await bench.serve(() => undefined);
  await gone.close();
  expect(await walk("http://gone.example/")).toEqual(["dns: dns"]);
  expect(await walk(gone.url)).toEqual(["dns", "connect: connect"]);
  expect(await walk(`https://other.example:${secure.port}/`)).toEqual(["dns", "connect", "tls: tls"]);
  expect(await walk(`https://127.0.0.1:${silent.port}/`)).toEqual(["dns", "connect", "tls: timeout"]);
});

test.each(["127.0.0.1", "inside.example", "[::ffff:127.0.0.1]", "2130706433"])(
  "no scanner of the inside: %s",
  async (host) => {
    bench = openTestUpstream({ lookup });
    const canary = await bench.serve((socket) => respond(socket, 200), { host: "::" });
    expect(await walk(`http://${host}:${canary.port}/`, { trusted: false })).toEqual(["dns: address"]);
    expect(canary.connections()).toBe(0);
  },
);

test("the caller's signal ends it with its own reason", async () => {
  bench = openTestUpstream({ lookup: () => new Promise(() => undefined), timeoutMs: 5_000 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("left")), 20);
  await expect(walk("http://registry.example/", { signal: controller.signal })).rejects.toThrow("left");
});
