import type { Cache } from "./cache.ts";
import { openCache } from "./open-cache.ts";
import { putFile } from "./test-entry.ts";

// Another process on the same cache, for tests: answers one message after the other, or writes until it is killed.
const [directory = "", role = "", maxBytes = "1000000000"] = process.argv.slice(2);
const cache = await openCache({ directory, maxBytes: Number(maxBytes), owner: role === "writer" });

export type PeerRequest = { act: "read" | "touch" | "put" | "remove"; key: string } | { act: "close" };

if (role === "writer") await writeForEver(cache);
process.on("message", (request: PeerRequest) => {
  answer(request).then((found) => process.send?.(found ?? null));
});
process.send?.("ready");

async function answer(request: PeerRequest): Promise<string | boolean | undefined> {
  if (request.act === "close") {
    await cache.close();
    setImmediate(() => process.disconnect());
    return true;
  }
  const { act, key } = request;
  if (act === "touch") return cache.touch(key) ?? true;
  if (act === "remove") return cache.remove(key);
  if (act === "put") return (await putFile(cache, key, key)) !== undefined;
  const digest = cache.find(key)?.blob?.digest;
  return digest === undefined ? undefined : (await cache.readBlob(digest))?.toString();
}

/** Six writers at once; each tells the parent the key when its put is acknowledged. */
async function writeForEver(to: Cache): Promise<void> {
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let round = 0; ; round++) {
      const key = `r/${process.pid}/${writer}/${round}`;
      // Every third body is that of another key, and every fifth key is replaced at once.
      const body = round % 3 === 0 ? `shared ${round}` : key.repeat(1 + ((round * 37) % 400));
      await putFile(to, key, body);
      if (round % 5 === 0) await putFile(to, key, `${body} again`);
      process.send?.(key);
    }
  });
  await Promise.all(writers);
}
