import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { pem, respond } from "./hostile-server.ts";
import { proxyOfEnvironment } from "./proxy-settings.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
let proxy: Server;
afterEach(async () => {
  await bench.close();
  proxy.closeAllConnections();
  proxy.close();
});

/** A proxy that knows every name as 127.0.0.1, for plain requests and for tunnels; `asked` is what it saw. */
async function startProxy() {
  const asked: string[] = [];
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    response.end("through the proxy");
  });
  proxy.on("connect", (request: IncomingMessage, client: Duplex) => {
    asked.push(`CONNECT ${request.url}`);
    if (request.url?.startsWith("silent.example")) return;
    if (request.url?.startsWith("denied.example")) return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const upstream = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const end of [upstream, client]) end.on("error", () => upstream.destroy());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { asked, url: `http://user:pass@127.0.0.1:${(proxy.address() as AddressInfo).port}/` };
}

async function openProxied(extra: Record<string, string> = {}) {
  const { asked, url } = await startProxy();
  const settings = proxyOfEnvironment({ HTTP_PROXY: url, ...extra });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  bench = openTestUpstream({ proxy: settings, authorities: () => [pem("server-certificate")], lookup });
  return asked;
}

test("http goes to the proxy, with the proxy's own password", async () => {
  const asked = await openProxied();
  const { text } = await bench.read("http://registry.example/x", { access: { trusted: false } });
  expect(text).toBe("through the proxy");
  expect(asked).toEqual(["GET http://registry.example/x Basic dXNlcjpwYXNz"]);
});

test("https goes through a tunnel, and the upstream's certificate is checked", async () => {
  const asked = await openProxied();
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"), { certificate: "server" });
  const { text } = await bench.read(`https://registry.example:${server.port}/`, { access: { trusted: false } });
  expect(text).toBe("x");
  expect(asked).toEqual([`CONNECT registry.example:${server.port}`]);
  expect(server.heads.join()).not.toMatch(/proxy-authorization/i);
  const wrongHost = bench.get(`https://other.example:${server.port}/`);
  await expect(wrongHost).rejects.toMatchObject({ facts: { cause: "tls" } });
});

test.each([
  { host: "silent.example", cause: "timeout" },
  { host: "denied.example", cause: "connect" },
])("a tunnel to $host that does not come: $cause", async ({ host, cause }) => {
  await openProxied();
  await expect(bench.get(`https://${host}/`)).rejects.toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { cause },
  });
});

test("addresses in URLs are judged before the proxy is asked", async () => {
  const asked = await openProxied();
  for (const url of [
    "http://169.254.169.254/",
    "https://10.0.0.1/",
    "http://[::ffff:10.0.0.1]/",
    "http://0xa9fea9fe/",
  ]) {
    await expect(bench.get(url, { access: { trusted: false } })).rejects.toMatchObject({
      reason: "UPSTREAM_FORBIDDEN",
    });
  }
  expect(asked).toEqual([]);
});

test("hosts of NO_PROXY and this machine are asked directly, by the address rules", async () => {
  const asked = await openProxied({ NO_PROXY: ".inside.example" });
  const server = await bench.serve((socket) => respond(socket, 200, {}, "direct"));
  expect((await bench.read(`http://a.inside.example:${server.port}/`)).text).toBe("direct");
  expect((await bench.read(server.url)).text).toBe("direct");
  const judged = bench.get(`http://b.inside.example:${server.port}/`, { access: { trusted: false } });
  await expect(judged).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  expect(asked).toEqual([]);
});

test("the environment is read as curl reads it", async () => {
  await openProxied();
  expect(proxyOfEnvironment({ PATH: "/bin", NO_PROXY: "x" })).toBeUndefined();
  expect(
    proxyOfEnvironment({ HTTPS_PROXY: "http://upper.example", https_proxy: "http://lower.example" }),
  ).toMatchObject({
    httpProxy: "",
    httpsProxy: "http://lower.example",
  });
  expect(() => proxyOfEnvironment({ HTTP_PROXY: "socks5://u:s3cr3t@proxy.example" })).toThrow(
    /^HTTP_PROXY must be an http or https URL$/,
  );
});
