import { emptyDatabase, type TestDatabase } from "../../test/services/database.ts";
import { repositoryStoreContract } from "./contract/repository-store-contract.ts";
import type { DatabaseSource } from "./contract/stores.ts";

repositoryStoreContract("MariaDB", mariadbSource());

/** A database of its own on the server of the run. */
function mariadbSource(): DatabaseSource {
  let database: Promise<TestDatabase> | undefined;
  return {
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
