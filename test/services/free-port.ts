import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that Linux gives to outgoing connections (32768 and up): a server that is
// killed and restarted must find its port free again.
const FIRST_PORT = 15_000;
const END_PORT = 32_000;

/** A port of 127.0.0.1 that nobody listens on, for servers that cannot take port 0. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1" }, () => probe.close(() => resolve(true)));
  });
}
