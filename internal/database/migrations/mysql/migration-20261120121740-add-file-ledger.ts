import { Migration } from "@mikro-orm/migrations";

/** First digests of files outlive the cache. */
export class AddFileLedger extends Migration {
  override async up(): Promise<void> {
    await this.execute(`create table if not exists file_ledger (
      repository_uid varchar(32) not null,
      path varchar(512) not null,
      sha256 varchar(64) not null,
      size_bytes bigint not null,
      package_name varchar(255) not null,
      version varchar(255) not null,
      first_seen_time datetime(3) not null,
      primary key (repository_uid, path)
    ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`);
  }
}
