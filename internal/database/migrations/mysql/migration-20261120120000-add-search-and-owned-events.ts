import { Migration } from "@mikro-orm/migrations";
import { foldPackages } from "../fold-packages.ts";
import { OWN_EVENTS } from "../owned-events.ts";

/**
 * Packages can be searched, events belong to a uid, removals can be confirmed. MySQL commits each statement by itself: every one can run
 * again when the process was killed in the middle.
 */
export class AddSearchAndOwnedEvents extends Migration {
  override async up(): Promise<void> {
    for (const { table, column, change } of COLUMNS) {
      const found = await this.execute(COLUMN_QUERY, [table, column]);
      if (found.length === 0) await this.execute(`alter table ${table} ${change}`);
    }
    for (const sql of STATEMENTS) await this.execute(sql);
    await foldPackages(this);
  }
}

const COLUMN_QUERY =
  "select 1 from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?";

/** A column and its indexes are one statement. */
const COLUMNS = [
  {
    table: "index_task",
    column: "confirmed_digest",
    change: "add confirmed_digest varchar(80) not null default ''",
  },
  {
    table: "package",
    column: "search_name",
    change:
      "add search_name varchar(511) not null default '', add search_description varchar(2000) not null default ''",
  },
  {
    table: "repository_event",
    column: "repository_uid",
    change: `add repository_uid varchar(32) not null default '', drop index repository_event_repository_id_id_index,
      add index repository_event_repository_uid_id_index (repository_uid, id)`,
  },
];

const STATEMENTS = [OWN_EVENTS, "insert ignore into change_counter (name, value) values ('events', 0)"];
