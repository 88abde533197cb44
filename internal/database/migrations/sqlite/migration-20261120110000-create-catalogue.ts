import { Migration } from "@mikro-orm/migrations";

/** The first schema. Runs as one transaction. */
export class CreateCatalogue extends Migration {
  override up(): void {
    for (const sql of STATEMENTS) this.addSql(sql);
  }
}

const STATEMENTS = [
  `create table if not exists change_counter (
    name text not null primary key,
    value bigint not null
  )`,
  `create table if not exists index_issue (
    id integer not null primary key autoincrement,
    task_id text not null,
    package_name longtext not null,
    version longtext not null,
    message longtext not null
  )`,
  `create index if not exists index_issue_task_id_id_index on index_issue (task_id, id)`,
  `create table if not exists index_state (
    repository_uid text not null primary key,
    digest text not null,
    upstream_url longtext not null,
    etag longtext not null,
    last_modified longtext not null,
    last_check_time datetime null,
    last_success_time datetime null,
    last_error_time datetime null,
    last_error longtext not null
  )`,
  `create table if not exists index_task (
    id text not null primary key,
    repository_id text not null,
    repository_uid text not null,
    active_key text null,
    state text not null,
    forced integer not null,
    packages longtext not null,
    rerun integer not null,
    rerun_forced integer not null,
    rerun_packages longtext not null,
    rerun_actor text not null,
    actor text not null,
    attempt integer not null,
    lease_owner text null,
    lease_until datetime null,
    next_attempt_time datetime null,
    seen bigint not null,
    added bigint not null,
    updated bigint not null,
    removed bigint not null,
    skipped bigint not null,
    failed bigint not null,
    progress integer not null,
    progress_digest text not null,
    unchanged integer not null,
    digest_before text not null,
    index_digest text not null,
    cause longtext not null,
    cause_reason text not null,
    create_time datetime not null,
    start_time datetime null,
    end_time datetime null
  )`,
  `create unique index if not exists index_task_active_key_unique on index_task (active_key)`,
  `create index if not exists index_task_state_next_attempt_time_index on index_task (state, next_attempt_time)`,
  `create index if not exists index_task_state_lease_until_index on index_task (state, lease_until)`,
  `create index if not exists index_task_repository_uid_id_index on index_task (repository_uid, id)`,
  `create index if not exists index_task_repository_id_id_index on index_task (repository_id, id)`,
  `create table if not exists outbox (
    id integer not null primary key autoincrement,
    task_id text not null,
    attempt integer not null,
    due_time datetime not null
  )`,
  `create index if not exists outbox_due_time_id_index on outbox (due_time, id)`,
  `create index if not exists outbox_task_id_index on outbox (task_id)`,
  `create table if not exists package (
    id integer not null primary key autoincrement,
    repository_uid text not null,
    name text not null,
    description longtext not null,
    version_count integer not null,
    latest_version text not null,
    deprecated integer not null,
    removed integer not null,
    create_time datetime not null,
    update_time datetime not null
  )`,
  `create unique index if not exists package_repository_uid_name_unique on package (repository_uid, name)`,
  `create table if not exists repository (
    id text not null primary key,
    uid text not null,
    format text not null,
    display_name text not null,
    description longtext not null,
    upstream_url longtext not null,
    file_origins longtext not null,
    upstream_trusted integer not null,
    visibility text not null,
    owner text not null,
    mode text not null,
    sync_interval_ms bigint not null,
    metadata_ttl_ms bigint null,
    upstream_mode text not null,
    state text not null,
    version integer not null,
    create_time datetime not null,
    update_time datetime not null,
    delete_time datetime null,
    next_index_time datetime null
  )`,
  `create unique index if not exists repository_uid_unique on repository (uid)`,
  `create index if not exists repository_create_time_id_index on repository (create_time, id)`,
  `create index if not exists repository_update_time_id_index on repository (update_time, id)`,
  `create index if not exists repository_next_index_time_index on repository (next_index_time)`,
  `create table if not exists repository_credential (
    repository_uid text not null primary key,
    key_id text not null,
    nonce blob not null,
    ciphertext blob not null,
    update_time datetime not null
  )`,
  `create table if not exists repository_event (
    id integer not null primary key autoincrement,
    repository_id text not null,
    type text not null,
    message longtext not null,
    facts longtext not null,
    actor text not null,
    create_time datetime not null
  )`,
  `create index if not exists repository_event_repository_id_id_index on repository_event (repository_id, id)`,
  `create table if not exists repository_label (
    repository_uid text not null,
    name text not null,
    value text not null,
    primary key (repository_uid, name)
  )`,
  `create index if not exists repository_label_name_value_index on repository_label (name, value)`,
  `create table if not exists version (
    id integer not null primary key autoincrement,
    package_id integer not null,
    version text not null,
    app_version text not null,
    digest text not null,
    deprecated integer not null,
    removed integer not null,
    publish_time datetime null,
    position integer not null,
    fingerprint text not null,
    metadata longtext not null,
    create_time datetime not null,
    update_time datetime not null
  )`,
  `create index if not exists version_package_id_position_id_index on version (package_id, position, id)`,
  `create unique index if not exists version_package_id_version_unique on version (package_id, version)`,
  `insert or ignore into change_counter (name, value) values ('repositories', 0)`,
];
