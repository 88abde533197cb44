import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { obeyParent } from "./helper-process.ts";

// The least that node:http can do: what Larder answered, from memory.
interface KeptAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What the bench may tell it. */
export type TrivialCommands = typeof commands;

const answers = new Map<string, KeptAnswer>();
const server = createServer((request, response) => {
  const kept = answers.get(request.url ?? "");
  const tag = request.headers["if-none-match"];
  if (!kept) response.writeHead(404).end();
  else if (tag !== undefined && tag === kept.headers.etag) response.writeHead(304, kept.headers).end();
  else response.writeHead(200, kept.headers).end(kept.body);
});

const commands = {
  /** Its URL without a trailing slash. */
  listen: async (): Promise<string> => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  keep: (path: string, headers: Record<string, string>, body: Uint8Array): void => {
    answers.set(path, { headers, body: Buffer.from(body) });
  },
};

obeyParent(commands);
