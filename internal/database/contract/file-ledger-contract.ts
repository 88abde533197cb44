import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Sighting } from "#internal/repository/sighting.ts";
import { openDatabase } from "../database.ts";
import {
  closeAfterEach,
  type DatabaseSource,
  newRepositoryId,
  SECRET_KEY,
  someRepository,
  useDatabase,
} from "./stores.ts";

/** What the ledger of first digests promises, on any dialect. */
export function fileLedgerContract(name: string, source: DatabaseSource): void {
  describe(`the ledger of files on ${name}`, () => {
    const used = useDatabase(source);
    const closeLater = closeAfterEach();

    test("who is first stays, and every later one is told", async () => {
      const { ledger } = used.database;
      const file = someFile();
      expect(await ledger.find(file.repositoryUid, file.path)).toBeUndefined();
      expect(await ledger.record([file])).toEqual([file.digest]);
      expect(await ledger.record([file, { ...file, digest: digest("other") }])).toEqual([file.digest, file.digest]);
      expect(await ledger.find(file.repositoryUid, file.path)).toBe(file.digest);
      expect(await ledger.find(newRepositoryId(), file.path)).toBeUndefined();
    });

    test("a batch of known and new ones, twice the same among them", async () => {
      const { ledger } = used.database;
      const known = someFile();
      await ledger.record([known]);
      const files = Array.from({ length: 450 }, (_, n) => someFile({ path: `many/${n}`, digest: digest(String(n)) }));
      const again = { ...files[7], digest: digest("again") } as Sighting;
      const kept = await ledger.record([...files, { ...known, digest: digest("new") }, again]);
      expect(kept).toEqual([...files.map((file) => file.digest), known.digest, files[7]?.digest]);
      expect(await ledger.record([])).toEqual([]);
    });

    test.each([
      ["Case", "case"],
      ["é", "e"],
      ["e\u0301", "é"],
      ["blank", "blank "],
      ["x".repeat(512), "x".repeat(513)],
      [`${"x".repeat(600)}a`, `${"x".repeat(600)}b`],
      [`${"x".repeat(399)}😀${"y".repeat(200)}`, `${"x".repeat(399)}😀${"z".repeat(200)}`],
      ["__proto__", "constructor"],
    ])("%j and %j are two files", async (one, other) => {
      const { ledger } = used.database;
      const repositoryUid = newRepositoryId();
      const files = [one, other].map((path) => someFile({ repositoryUid, path, digest: digest(path) }));
      expect(await ledger.record(files)).toEqual([digest(one), digest(other)]);
      expect(await ledger.find(repositoryUid, one)).toBe(digest(one));
      expect(await ledger.find(repositoryUid, other)).toBe(digest(other));
    });

    test("a name that is too long is cut, the file is kept", async () => {
      const file = someFile({ packageName: "p".repeat(300), version: "😀".repeat(300) });
      expect(await used.database.ledger.record([file])).toEqual([file.digest]);
    });

    test("many at once agree on one", async () => {
      const others = source.owners === "many" ? [1, 2, 3] : [];
      const opened = await Promise.all(others.map(() => openDatabase({ url: used.url, secretKey: SECRET_KEY })));
      const ledgers = [used.database, ...opened.map(closeLater)].map(({ ledger }) => ledger);
      const file = someFile();
      const rounds = Array.from({ length: 12 }, (_, n) =>
        ledgers[n % ledgers.length]?.record([{ ...file, digest: digest(String(n)) }]),
      );
      const kept = new Set((await Promise.all(rounds)).flat());
      expect(kept).toEqual(new Set([await used.database.ledger.find(file.repositoryUid, file.path)]));
    });

    test("goes with its repository when the id is taken again, not before", async () => {
      const { repositories, ledger } = used.database;
      const { id, uid } = await repositories.create(someRepository(), "users/ann");
      const files = Array.from({ length: 450 }, (_, n) => someFile({ repositoryUid: uid, path: `f/${n}` }));
      await ledger.record(files);
      await repositories.delete(id, { actor: "users/ann" });
      expect(await ledger.find(uid, "f/449")).toBeDefined();
      await repositories.create(someRepository({ id }), "users/ann");
      expect(await ledger.find(uid, "f/0")).toBeUndefined();
      expect(await ledger.find(uid, "f/449")).toBeUndefined();
    });
  });
}

function someFile(changes: Partial<Sighting> = {}): Sighting {
  return {
    ...{ repositoryUid: newRepositoryId(), path: "a/-/a-1.0.0.tgz", digest: digest("a"), sizeBytes: 1 },
    ...{ packageName: "a", version: "1.0.0", seenTime: new Date(1e12) },
    ...changes,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
