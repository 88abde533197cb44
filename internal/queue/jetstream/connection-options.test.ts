import { expect, test } from "vitest";
import { connectionOptions } from "./connection-options.ts";

test.each([
  { url: "nats://127.0.0.1:4333", want: { servers: ["127.0.0.1:4333"] } },
  { url: "nats://broker.example", want: { servers: ["broker.example:4222"] } },
  { url: "nats://[::1]:4222", want: { servers: ["[::1]:4222"] } },
  { url: "nats://a:1, nats://b:2", want: { servers: ["a:1", "b:2"] } },
  { url: "nats://us%40er:pa%3Ass@a:1", want: { servers: ["a:1"], user: "us@er", pass: "pa:ss" } },
  { url: "nats://token@a:1", want: { servers: ["a:1"], token: "token" } },
  { url: "tls://a:1", want: { servers: ["a:1"], tls: {} } },
  {
    url: "tls://a:1?ca=/ca.pem&cert=/c.pem&key=/k.pem",
    want: { tls: { caFile: "/ca.pem", certFile: "/c.pem", keyFile: "/k.pem" } },
  },
])("$url", ({ url, want }) => {
  expect(connectionOptions(url)).toMatchObject({ ...want, maxReconnectAttempts: -1 });
});

test("no user and no TLS unless the URL says so", () => {
  expect(connectionOptions("nats://a:1")).not.toHaveProperty(["tls"]);
  expect(connectionOptions("nats://a:1")).not.toHaveProperty(["user"]);
});

test.each(["", "127.0.0.1:4222", "http://a:1", "nats://", "nats://a:1,", "nats://user:secret@a:1?creds=/not/there"])(
  "%s is refused",
  (url) => {
    expect(() => connectionOptions(url)).toThrow(expect.objectContaining({ reason: "ARGUMENT_INVALID" }));
    expect(() => connectionOptions(url)).not.toThrow("secret");
  },
);
