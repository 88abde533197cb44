import { rmSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { openCache } from "./open-cache.ts";
import { putFile } from "./test-entry.ts";
import { testFolder } from "./test-folder.ts";
import { startPeer } from "./test-processes.ts";

// LMDB's reader goes on to a newer state between turns of the event loop; under load that turn may come a moment later, which costs a miss.
test("another process sees what the owner acknowledged, and the other way round", async () => {
  const directory = testFolder();
  const owner = await openCache({ directory, maxBytes: 1e6, owner: true });
  const peer = await startPeer(directory);
  for (let round = 0; round < 50; round++) {
    await putFile(owner, `r/file/${round}`, `body ${round}`);
    await vi.waitFor(async () => expect(await peer.ask({ act: "read", key: `r/file/${round}` })).toBe(`body ${round}`));
    await peer.ask({ act: "put", key: `r/peer/${round}` });
    await vi.waitFor(() => expect(owner.find(`r/peer/${round}`)?.key).toBe(`r/peer/${round}`));
  }
  expect(await peer.ask({ act: "remove", key: "r/file/7" })).toBe(true);
  expect(owner.find("r/file/7")).toBeUndefined();
  expect(owner.stats()).toMatchObject({ entries: 99, blobs: 99 });
  await owner.close();
  expect(await peer.ask({ act: "read", key: "r/file/8" })).toBe("body 8");
  await peer.ask({ act: "close" });
});

test("what another process touched is kept by the owner's eviction", async () => {
  const directory = testFolder();
  const owner = await openCache({ directory, maxBytes: 300, owner: true });
  for (const each of "abc") await putFile(owner, `r/file/${each}`, each.repeat(100));
  const peer = await startPeer(directory);
  await peer.ask({ act: "touch", key: "r/file/a" });
  await peer.ask({ act: "close" });
  await putFile(owner, "r/file/d", "d".repeat(100));
  expect(owner.list("", undefined, 9).map((entry) => entry.key.at(-1))).toEqual(["a", "d"]);
  await owner.close();
});

test("the folder deleted under two processes: both miss, both use the new one", async () => {
  const directory = testFolder();
  const owner = await openCache({ directory, maxBytes: 1e6, owner: true });
  await putFile(owner, "r/file/old", "old");
  const peer = await startPeer(directory);
  expect(await peer.ask({ act: "read", key: "r/file/old" })).toBe("old");
  rmSync(directory, { recursive: true });

  const { blob } = owner.find("r/file/old") ?? {};
  expect(await owner.openBlob(blob?.digest ?? "")).toBeUndefined();
  expect(await owner.readBlob(blob?.digest ?? "")).toBeUndefined();
  expect(await peer.ask({ act: "read", key: "r/file/old" })).toBeNull();
  await putFile(owner, "r/file/new", "new");
  expect(owner.find("r/file/old")).toBeUndefined();
  expect(owner.find("r/file/new")?.key).toBe("r/file/new");
  await vi.waitFor(async () => expect(await peer.ask({ act: "read", key: "r/file/new" })).toBe("new"), {
    timeout: 15_000,
    interval: 200,
  });
  await peer.ask({ act: "close" });
  await owner.close();

  const again = await openCache({ directory, maxBytes: 1e6, owner: true });
  expect(again.find("r/file/new")?.key).toBe("r/file/new");
  await again.close();
});
