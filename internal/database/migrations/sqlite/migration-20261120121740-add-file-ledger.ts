import { Migration } from "@mikro-orm/migrations";

/** First digests of files outlive the cache. */
export class AddFileLedger extends Migration {
  override async up(): Promise<void> {
    await this.execute(`create table if not exists file_ledger (
      repository_uid text not null,
      path text not null,
      sha256 text not null,
      size_bytes bigint not null,
      package_name text not null,
      version text not null,
      first_seen_time datetime not null,
      primary key (repository_uid, path)
    )`);
  }
}
