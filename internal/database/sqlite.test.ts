import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogSearchContract } from "./contract/catalog-search-contract.ts";
import { catalogStoreContract } from "./contract/catalog-store-contract.ts";
import { fileLedgerContract } from "./contract/file-ledger-contract.ts";
import { indexTaskRequestContract } from "./contract/index-task-request-contract.ts";
import { indexTaskStoreContract } from "./contract/index-task-store-contract.ts";
import { migrationContract } from "./contract/migration-contract.ts";
import { repositoryStoreContract } from "./contract/repository-store-contract.ts";
import type { DatabaseSource } from "./contract/stores.ts";

repositoryStoreContract("SQLite", sqliteSource());
catalogStoreContract("SQLite", sqliteSource());
catalogSearchContract("SQLite", sqliteSource());
indexTaskStoreContract("SQLite", sqliteSource());
fileLedgerContract("SQLite", sqliteSource());
indexTaskRequestContract("SQLite", sqliteSource());
migrationContract("SQLite", sqliteSource);

/** A database in a folder of its own. */
function sqliteSource(): DatabaseSource {
  let folder: Promise<string> | undefined;
  return {
    owners: "one",
    url: async () => {
      folder ??= mkdtemp(join(tmpdir(), "larder-sqlite-"));
      return `sqlite:${join(await folder, "larder.db")}`;
    },
    drop: async () => {
      if (folder) await rm(await folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}
