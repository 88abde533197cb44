import { Migration } from "@mikro-orm/migrations";

/** The first schema. MySQL commits each statement by itself: every one can run again when the process was killed in the middle. */
export class CreateCatalogue extends Migration {
  override up(): void {
    for (const sql of STATEMENTS) this.addSql(sql);
  }
}

const STATEMENTS = [
  `create table if not exists change_counter (
    name varchar(32) not null,
    value bigint not null,
    primary key (name)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists index_issue (
    id int unsigned not null auto_increment primary key,
    task_id varchar(32) not null,
    package_name longtext not null,
    version longtext not null,
    message longtext not null,
    index index_issue_task_id_id_index (task_id, id)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists index_state (
    repository_uid varchar(32) not null,
    digest varchar(80) not null,
    upstream_url longtext not null,
    etag longtext not null,
    last_modified longtext not null,
    last_check_time datetime(3) null,
    last_success_time datetime(3) null,
    last_error_time datetime(3) null,
    last_error longtext not null,
    primary key (repository_uid)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists index_task (
    id varchar(32) not null,
    repository_id varchar(63) not null,
    repository_uid varchar(32) not null,
    active_key varchar(32) null,
    state varchar(16) not null,
    forced tinyint not null,
    packages longtext not null,
    rerun tinyint not null,
    rerun_forced tinyint not null,
    rerun_packages longtext not null,
    rerun_actor varchar(255) not null,
    actor varchar(255) not null,
    attempt int not null,
    lease_owner varchar(255) null,
    lease_until datetime(3) null,
    next_attempt_time datetime(3) null,
    seen bigint not null,
    added bigint not null,
    updated bigint not null,
    removed bigint not null,
    skipped bigint not null,
    failed bigint not null,
    progress int not null,
    progress_digest varchar(80) not null,
    unchanged tinyint not null,
    digest_before varchar(80) not null,
    index_digest varchar(80) not null,
    cause longtext not null,
    cause_reason varchar(64) not null,
    create_time datetime(3) not null,
    start_time datetime(3) null,
    end_time datetime(3) null,
    primary key (id),
    unique key index_task_active_key_unique (active_key),
    index index_task_state_next_attempt_time_index (state, next_attempt_time),
    index index_task_state_lease_until_index (state, lease_until),
    index index_task_repository_uid_id_index (repository_uid, id),
    index index_task_repository_id_id_index (repository_id, id)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists outbox (
    id int unsigned not null auto_increment primary key,
    task_id varchar(32) not null,
    attempt int not null,
    due_time datetime(3) not null,
    index outbox_due_time_id_index (due_time, id),
    index outbox_task_id_index (task_id)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists package (
    id int unsigned not null auto_increment primary key,
    repository_uid varchar(32) not null,
    name varchar(255) not null,
    description longtext not null,
    version_count int not null,
    latest_version varchar(255) not null,
    deprecated tinyint not null,
    removed tinyint not null,
    create_time datetime(3) not null,
    update_time datetime(3) not null,
    unique key package_repository_uid_name_unique (repository_uid, name)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists repository (
    id varchar(63) not null,
    uid varchar(32) not null,
    format varchar(63) not null,
    display_name varchar(255) not null,
    description longtext not null,
    upstream_url longtext not null,
    file_origins longtext not null,
    upstream_trusted tinyint not null,
    visibility varchar(16) not null,
    owner varchar(255) not null,
    mode varchar(16) not null,
    sync_interval_ms bigint not null,
    metadata_ttl_ms bigint null,
    upstream_mode varchar(16) not null,
    state varchar(16) not null,
    version int not null,
    create_time datetime(3) not null,
    update_time datetime(3) not null,
    delete_time datetime(3) null,
    next_index_time datetime(3) null,
    primary key (id),
    unique key repository_uid_unique (uid),
    index repository_create_time_id_index (create_time, id),
    index repository_update_time_id_index (update_time, id),
    index repository_next_index_time_index (next_index_time)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists repository_credential (
    repository_uid varchar(32) not null,
    key_id varchar(16) not null,
    nonce blob not null,
    ciphertext blob not null,
    update_time datetime(3) not null,
    primary key (repository_uid)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists repository_event (
    id int unsigned not null auto_increment primary key,
    repository_id varchar(63) not null,
    type varchar(32) not null,
    message longtext not null,
    facts longtext not null,
    actor varchar(255) not null,
    create_time datetime(3) not null,
    index repository_event_repository_id_id_index (repository_id, id)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists repository_label (
    repository_uid varchar(32) not null,
    name varchar(63) not null,
    value varchar(63) not null,
    primary key (repository_uid, name),
    index repository_label_name_value_index (name, value)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `create table if not exists version (
    id int unsigned not null auto_increment primary key,
    package_id int unsigned not null,
    version varchar(255) not null,
    app_version varchar(255) not null,
    digest varchar(255) not null,
    deprecated tinyint not null,
    removed tinyint not null,
    publish_time datetime(3) null,
    position int not null,
    fingerprint varchar(44) not null,
    metadata longtext not null,
    create_time datetime(3) not null,
    update_time datetime(3) not null,
    index version_package_id_position_id_index (package_id, position, id),
    unique key version_package_id_version_unique (package_id, version)
  ) default character set utf8mb4 collate utf8mb4_bin engine = InnoDB`,
  `insert ignore into change_counter (name, value) values ('repositories', 0)`,
];
