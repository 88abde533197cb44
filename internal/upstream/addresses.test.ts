import { afterEach, expect, test } from "vitest";
import { respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

/** Names as an attacker's DNS would answer them. */
const NAMES: Record<string, string[]> = {
  "inside.example": ["127.0.0.1"],
  "inside6.example": ["::1"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "nat64.example": ["64:ff9b::127.0.0.1"],
  "cloud.example": ["169.254.169.254"],
  "private.example": ["10.0.0.1", "192.168.0.1"],
  localhost: ["127.0.0.1", "::1"],
  "x.localhost": ["127.0.0.1"],
  "localhost.": ["127.0.0.1"],
};

async function lookup(hostname: string) {
  const addresses = NAMES[hostname];
  if (!addresses) throw Object.assign(new Error("unknown name"), { code: "ENOTFOUND" });
  return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}

test.each([
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "127.1.1.1",
  "127.255.255.255",
  "2130706433",
  "017700000001",
  "0177.0.0.1",
  "0177.0.0.01",
  "0x7f000001",
  "0x7f.0.0.1",
  "0x7F.1",
  "0x7f.0x0.0x0.0x1",
  "127.0.0.1.",
  "127。0。0。1",
  "127．0．0．1",
  "１２７.0.0.1",
  "①②⑦.⓪.⓪.①",
  "%31%32%37.0.0.1",
  "0",
  "0.0.0.0",
  "0x0",
  "00",
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000::0001]",
  "[::127.0.0.1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::FFFF:7F00:0001]",
  "[64:ff9b::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::80ff:fffe]",
  "[fe80::1]",
  "[fd00::1]",
  "[ff02::1]",
  "10.0.0.1",
  "192.168.0.1",
  "172.16.0.1",
  "169.254.169.254",
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "[::ffff:169.254.169.254]",
  "[fd00:ec2::254]",
  "100.100.100.200",
  "168.63.129.16",
  "inside.example",
  "INSIDE.example",
  "ｉｎｓｉｄｅ.example",
  "inside6.example",
  "mapped.example",
  "nat64.example",
  "cloud.example",
  "private.example",
  "localhost",
  "LOCALHOST",
  "x.localhost",
  "localhost.",
  "user@127.0.0.1",
  "public.example:80@127.0.0.1",
  "127.0.0.1#@public.example",
  "127.0.0.1\\@public.example",
])("%s never reaches the inside", async (host) => {
  bench = openTestUpstream({ lookup });
  const canary = await bench.serve((socket) => respond(socket, 200), { host: "::" });
  const url =
    host.includes("#") || host.includes("\\")
      ? `http://127.0.0.1:${canary.port}/${host}`
      : `http://${host}:${canary.port}/`;
  await expect(bench.get(url, { access: { trusted: false } })).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  expect(canary.connections()).toBe(0);
});

test("the canary of the table above is alive: a trusted request reaches it", async () => {
  bench = openTestUpstream({ lookup });
  const canary = await bench.serve((socket) => respond(socket, 200, {}, "tweet"), { host: "::" });
  expect((await bench.read(`http://inside.example:${canary.port}/`)).text).toBe("tweet");
});

test("trust holds for the origin of the base URL only", async () => {
  bench = openTestUpstream({ lookup });
  const canary = await bench.serve((socket) => respond(socket, 200));
  const access = { baseUrl: "http://127.0.0.1:1/", trusted: true };
  await expect(bench.get(canary.url, { access })).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  expect(canary.connections()).toBe(0);
});

test("a judged request does not ride on a trusted request's connection", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"));
  await bench.read(server.url);
  await expect(bench.get(server.url, { access: { trusted: false } })).rejects.toMatchObject({
    reason: "UPSTREAM_FORBIDDEN",
  });
  expect(server.heads).toHaveLength(1);
});

test.each(["127.0.0.0/8", "::ffff:127.0.0.0/104"])("an operator may allow %s", async (allowed) => {
  bench = openTestUpstream({ lookup, allowedAddresses: [allowed] });
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"));
  expect((await bench.read(server.url, { access: { trusted: false } })).text).toBe("x");
  expect((await bench.read(`http://inside.example:${server.port}/`, { access: { trusted: false } })).text).toBe("x");
});

test("of several addresses only those that are allowed are connected to", async () => {
  const mixed = async () => [
    { address: "10.255.255.1", family: 4 },
    { address: "127.0.0.1", family: 4 },
  ];
  bench = openTestUpstream({ lookup: mixed, allowedAddresses: ["127.0.0.1/32"] });
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"));
  expect((await bench.read(`http://mixed.example:${server.port}/`, { access: { trusted: false } })).text).toBe("x");
});

test("rebinding: a name that resolves anew is judged anew", async () => {
  const answers = ["127.0.0.2", "127.0.0.1"];
  let asked = 0;
  const rebinding = async () => [{ address: answers[asked++ % 2] ?? "", family: 4 }];
  bench = openTestUpstream({ lookup: rebinding, allowedAddresses: ["127.0.0.2/32"] });
  const server = await bench.serve((socket) => respond(socket, 200, { connection: "close" }, "x"), { host: "0.0.0.0" });
  const url = `http://rebinding.example:${server.port}/`;
  expect((await bench.read(url, { access: { trusted: false } })).text).toBe("x");
  expect(asked).toBe(1);
  bench.advance(5_000);
  await expect(bench.get(url, { access: { trusted: false } })).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  expect(asked).toBe(2);
  expect(server.connections()).toBe(1);
});

test("the refusal is the same for a name and an address, and tells neither address nor port state", async () => {
  bench = openTestUpstream({ lookup });
  const message = (url: string) =>
    bench.get(url, { access: { trusted: false } }).catch((error: Error) => error.message);
  const texts = await Promise.all([
    message("http://inside.example:1/"),
    message("http://cloud.example/"),
    message("http://10.0.0.1/"),
  ]);
  const tails = texts.map((text) => String(text).replace(/^\S+ /, ""));
  expect(new Set(tails).size).toBe(1);
  expect(texts[1]).not.toContain("169.254");
});

test.each(["ftp://files.example/", "file:///etc/passwd", "data:,x", "javascript:1", "http://", "//x", "http://a b/"])(
  "%s is no destination",
  async (url) => {
    bench = openTestUpstream();
    const access = { baseUrl: "http://127.0.0.1:1/" };
    await expect(bench.get(url, { access })).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  },
);
