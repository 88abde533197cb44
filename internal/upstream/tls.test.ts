import { afterEach, expect, test } from "vitest";
import { systemAuthorities } from "./certificate-authorities.ts";
import { pem, respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench?.close());

const lookup = async () => [{ address: "127.0.0.1", family: 4 }];

test("a certificate of a trusted authority is accepted, and connections are kept", async () => {
  bench = openTestUpstream({ authorities: () => [pem("server-certificate")], lookup });
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"), { certificate: "server" });
  const url = `https://registry.example:${server.port}/`;
  for (let count = 0; count < 6; count++) expect((await bench.read(url)).text).toBe("x");
  // undici opens a second one when asked again in the very moment of an end.
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test.each([
  { name: "self-signed", certificate: "server", authorities: systemAuthorities, host: "127.0.0.1" },
  { name: "expired", certificate: "expired", authorities: () => [pem("expired-certificate")], host: "127.0.0.1" },
  {
    name: "for another host",
    certificate: "server",
    authorities: () => [pem("server-certificate")],
    host: "other.example",
  },
] as const)(
  "a certificate that is $name is refused, without falling back",
  async ({ certificate, authorities, host }) => {
    bench = openTestUpstream({ authorities, lookup, timeoutMs: 5_000 });
    const server = await bench.serve((socket) => respond(socket, 200), { certificate });
    await expect(bench.get(`https://${host}:${server.port}/`)).rejects.toMatchObject({
      reason: "UPSTREAM_UNAVAILABLE",
      facts: { cause: "tls" },
    });
    expect(server.heads).toHaveLength(0);
    await expect(bench.get(`https://${host}:${server.port}/`)).rejects.toMatchObject({ facts: { cause: "breaker" } });
  },
);

test("https to a plain http server is a TLS failure", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => respond(socket, 200));
  await expect(bench.get(`https://127.0.0.1:${server.port}/`)).rejects.toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
  });
});

test("a server that accepts and never shakes hands costs the connection time-out", async () => {
  bench = openTestUpstream();
  const server = await bench.serve(() => undefined);
  await expect(bench.get(`https://127.0.0.1:${server.port}/`)).rejects.toMatchObject({ facts: { cause: "timeout" } });
});

test("address rules hold for https too", async () => {
  bench = openTestUpstream({ authorities: () => [pem("server-certificate")], lookup });
  const server = await bench.serve((socket) => respond(socket, 200), { certificate: "server" });
  for (const host of ["127.0.0.1", "registry.example", "[::ffff:127.0.0.1]"]) {
    const request = bench.get(`https://${host}:${server.port}/`, { access: { trusted: false } });
    await expect(request).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  }
  expect(server.connections()).toBe(0);
});

test("the authorities of Node are among those that are trusted", () => {
  expect(systemAuthorities().length).toBeGreaterThan(50);
  expect(new Set(systemAuthorities()).size).toBe(systemAuthorities().length);
});
