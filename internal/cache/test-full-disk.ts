import { isFault } from "#internal/fault/fault.ts";
import { openCache } from "./open-cache.ts";
import { putFile } from "./test-entry.ts";

// A process whose files may not grow beyond 2 MiB, for tests: what becomes of a larger blob, and of a small one after it.
const [directory = ""] = process.argv.slice(2);
const cache = await openCache({ directory, maxBytes: 1e9, owner: true });
const writer = await cache.createBlob();
const write = await outcomeOf(writer.write(Buffer.alloc(3_000_000)));
const again = await outcomeOf(writer.write(Buffer.alloc(1)));
const commit = await outcomeOf(writer.commit());
await writer.abort();
const small = await outcomeOf(putFile(cache, "r/file/small", "small"));
await cache.close();
process.stdout.write(JSON.stringify({ write, again, commit, small }));

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return "stored";
  } catch (error) {
    return isFault(error) ? { reason: error.reason, code: error.facts.code } : String(error);
  }
}
