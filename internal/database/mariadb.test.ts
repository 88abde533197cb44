import { emptyDatabase, type TestDatabase } from "../../test/services/database.ts";
import { catalogSearchContract } from "./contract/catalog-search-contract.ts";
import { catalogStoreContract } from "./contract/catalog-store-contract.ts";
import { fileLedgerContract } from "./contract/file-ledger-contract.ts";
import { indexTaskRequestContract } from "./contract/index-task-request-contract.ts";
import { indexTaskStoreContract } from "./contract/index-task-store-contract.ts";
import { migrationContract } from "./contract/migration-contract.ts";
import { repositoryStoreContract } from "./contract/repository-store-contract.ts";
import type { DatabaseSource } from "./contract/stores.ts";

repositoryStoreContract("MariaDB", mariadbSource());
catalogStoreContract("MariaDB", mariadbSource());
catalogSearchContract("MariaDB", mariadbSource());
indexTaskStoreContract("MariaDB", mariadbSource());
fileLedgerContract("MariaDB", mariadbSource());
indexTaskRequestContract("MariaDB", mariadbSource());
migrationContract("MariaDB", mariadbSource);

/** A database of its own on the server of the run. */
function mariadbSource(): DatabaseSource {
  let database: Promise<TestDatabase> | undefined;
  return {
    owners: "many",
    url: async () => {
      database ??= emptyDatabase();
      return (await database).url;
    },
    drop: async () => {
      if (database) await (await database).drop();
      database = undefined;
    },
  };
}
