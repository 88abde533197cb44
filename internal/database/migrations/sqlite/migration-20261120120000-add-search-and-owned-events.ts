import { Migration } from "@mikro-orm/migrations";
import { foldPackages } from "../fold-packages.ts";
import { OWN_EVENTS } from "../owned-events.ts";

/** Packages can be searched, events belong to a uid, removals can be confirmed. Runs as one transaction. */
export class AddSearchAndOwnedEvents extends Migration {
  override async up(): Promise<void> {
    for (const { table, column, definition } of COLUMNS) {
      const found = await this.execute("select 1 from pragma_table_info(?) where name = ?", [table, column]);
      if (found.length === 0) await this.execute(`alter table ${table} add column ${column} ${definition}`);
    }
    for (const sql of STATEMENTS) await this.execute(sql);
    await foldPackages(this);
  }
}

const COLUMNS = [
  { table: "index_task", column: "confirmed_digest", definition: "text not null default ''" },
  { table: "package", column: "search_name", definition: "text not null default ''" },
  { table: "package", column: "search_description", definition: "text not null default ''" },
  { table: "repository_event", column: "repository_uid", definition: "text not null default ''" },
];

const STATEMENTS = [
  "drop index if exists repository_event_repository_id_id_index",
  "create index if not exists repository_event_repository_uid_id_index on repository_event (repository_uid, id)",
  OWN_EVENTS,
  "insert or ignore into change_counter (name, value) values ('events', 0)",
];
