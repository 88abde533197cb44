import { once } from "node:events";
import { connect } from "node:net";
import { test } from "vitest";
import { startGatewayServer } from "./server.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };
/** Longer than the test may take: a close that waits for it fails the test. */
const DRAIN_MS = 600_000;

async function dial(address: string) {
  const [host, port] = address.split(":");
  const socket = connect(Number(port), host);
  await once(socket, "connect");
  return socket;
}

test("closing waits neither for connections that have said nothing nor for those that have had their answer", async () => {
  const server = await startGatewayServer(LOOPBACK, (_, response) => response.end("answer"));
  const silent = await dial(server.address);
  const kept = await dial(server.address);
  kept.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(kept, "data");
  const ended = [once(silent, "close"), once(kept, "close")];
  await server.close(DRAIN_MS);
  await Promise.all(ended);
});
