import { afterEach, expect, test } from "vitest";
import { pem, respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

const CREDENTIALS = [
  { kind: "basic", username: "u", password: "c4n4ry" },
  { kind: "bearer", token: "c4n4ry" },
  { kind: "header", name: "X-Api-Key", value: "c4n4ry" },
] as const;
const CANARY = /c4n4ry|dTpjNG40cnk/;

function redirectTo(location: string, status = 302) {
  return (socket: Parameters<typeof respond>[0]) => respond(socket, status, { location }, "moved");
}

function targetOf(head: string | undefined): string | undefined {
  return head?.split(" ", 2).join(" ");
}

test.each([301, 302, 303, 307, 308])("%i is followed, and the answer says where it was found", async (status) => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, _, count) => {
    if (count === 1) respond(socket, status, { location: "../there?x=1#part" });
    else respond(socket, 200, {}, "found");
  });
  const { response, text } = await bench.read(`${server.url}a/here`);
  expect(text).toBe("found");
  expect(response.url).toBe(`${server.url}there?x=1`);
  expect(server.heads).toHaveLength(2);
});

test("five redirects are followed, a sixth is not", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, head) => {
    const left = Number(/\/(\d+) /.exec(head)?.[1]);
    if (left > 0) respond(socket, 302, { location: `/${left - 1}` });
    else respond(socket, 200, {}, "end");
  });
  expect((await bench.read(`${server.url}5`)).text).toBe("end");
  await expect(bench.get(`${server.url}6`)).rejects.toMatchObject({
    reason: "UPSTREAM_INVALID",
    facts: { cause: "redirect" },
  });
});

test("a loop ends", async () => {
  bench = openTestUpstream();
  const server = await bench.serve(redirectTo("/"));
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_INVALID" });
  expect(server.heads).toHaveLength(6);
});

test.each(["http://[", "http://"])("a location that is no URL: %s", async (location) => {
  bench = openTestUpstream();
  const server = await bench.serve(redirectTo(location));
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_INVALID" });
});

test("a redirect without a location", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => respond(socket, 302));
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_INVALID" });
});

test.each([
  "file:///etc/passwd",
  "data:text/plain,x",
  "ftp://files.example/",
  "gopher://files.example/",
  "http://u:p@127.0.0.1/",
])("a redirect to %s is not followed", async (location) => {
  bench = openTestUpstream();
  const server = await bench.serve(redirectTo(location));
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
});

test("a redirect from https to http is not followed", async () => {
  bench = openTestUpstream({ authorities: () => [pem("server-certificate")], allowedAddresses: ["127.0.0.1/32"] });
  const plain = await bench.serve((socket) => respond(socket, 200));
  const secure = await bench.serve(redirectTo(plain.url), { certificate: "server" });
  await expect(bench.get(secure.url)).rejects.toMatchObject({
    reason: "UPSTREAM_FORBIDDEN",
    message: expect.stringContaining("https to http"),
  });
  expect(plain.connections()).toBe(0);
});

test("a redirect into the inside is refused, although the upstream itself is trusted", async () => {
  bench = openTestUpstream();
  const canary = await bench.serve((socket) => respond(socket, 200));
  const server = await bench.serve(redirectTo(canary.url));
  await expect(bench.get(server.url)).rejects.toMatchObject({
    reason: "UPSTREAM_FORBIDDEN",
    facts: { cause: "address" },
  });
  expect(canary.connections()).toBe(0);
});

test.each(CREDENTIALS)(
  "the credential ($kind) goes to its origin and, after a redirect, nowhere else",
  async (credential) => {
    bench = openTestUpstream({ allowedAddresses: ["127.0.0.0/8"] });
    const canary = await bench.serve((socket) => respond(socket, 200, {}, "file"));
    const server = await bench.serve((socket, _, count) =>
      respond(socket, 302, { location: count === 1 ? "/again" : canary.url }),
    );
    expect((await bench.read(server.url, { access: { credential } })).text).toBe("file");
    expect(server.heads.map((head) => CANARY.test(head))).toEqual([true, true]);
    expect(canary.heads).toHaveLength(1);
    expect(canary.heads.join()).not.toMatch(CANARY);
    expect(`${bench.lines.join()}${await bench.metricsText()}`).not.toMatch(CANARY);
  },
);

test("another port, another scheme and another host name are other origins", async () => {
  bench = openTestUpstream({
    authorities: () => [pem("server-certificate")],
    allowedAddresses: ["127.0.0.0/8"],
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
  const plain = await bench.serve((socket) => respond(socket, 200));
  const secure = await bench.serve((socket) => respond(socket, 200), { certificate: "server" });
  const access = { credential: CREDENTIALS[1], baseUrl: plain.url };
  await bench.read(secure.url, { access });
  await bench.read(plain.url, { access: { ...access, baseUrl: `https://127.0.0.1:${plain.port}/` } });
  await bench.read(plain.url, { access: { ...access, baseUrl: `http://registry.example:${plain.port}/` } });
  await bench.read(plain.url, { access: { ...access, baseUrl: "http://127.0.0.1/" } });
  expect([...plain.heads, ...secure.heads].filter((head) => CANARY.test(head))).toEqual([]);
  await bench.read(plain.url, { access });
  expect(plain.heads.at(-1)).toMatch(CANARY);
});

test.each([
  { status: 303, want: "GET /there" },
  { status: 302, want: "GET /there" },
  { status: 307, want: "POST /there" },
  { status: 308, want: "POST /there" },
])("a POST that is redirected with $status becomes $want", async ({ status, want }) => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, _, count) =>
    respond(socket, count === 1 ? status : 200, { location: "/there" }),
  );
  await bench.read(server.url, { method: "POST", body: Buffer.from("{}"), pathClass: "query" });
  expect(targetOf(server.heads[1])).toBe(want);
});

test("a POST does not follow to another origin: its body holds private names", async () => {
  bench = openTestUpstream({ allowedAddresses: ["127.0.0.0/8"] });
  const canary = await bench.serve((socket) => respond(socket, 200));
  const server = await bench.serve(redirectTo(canary.url, 307));
  const request = { method: "POST", body: Buffer.from("{}"), pathClass: "query" } as const;
  await expect(bench.get(server.url, request)).rejects.toMatchObject({ reason: "UPSTREAM_FORBIDDEN" });
  expect(canary.connections()).toBe(0);
});
