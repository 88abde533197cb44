import type { Credential } from "#internal/repository/repository.ts";
import type { SecretBox } from "./secret-box.ts";
import type { Sql } from "./session.ts";

/** Replaces the credential; undefined clears it. */
export async function writeCredential(
  sql: Sql,
  box: SecretBox,
  repositoryUid: string,
  credential: Credential | undefined,
  now: Date,
): Promise<void> {
  await sql.deleteFrom("repository_credential").where("repositoryUid", "=", repositoryUid).execute();
  if (credential === undefined) return;
  const sealed = box.seal(JSON.stringify(credential), repositoryUid);
  await sql
    .insertInto("repository_credential")
    .values({ repositoryUid, ...sealed, updateTime: now })
    .execute();
}

/** @throws Fault STORAGE_UNAVAILABLE when the key is not the one that it was encrypted with. */
export async function openCredential(sql: Sql, box: SecretBox, repositoryUid: string): Promise<Credential | undefined> {
  const row = await sql
    .selectFrom("repository_credential")
    .selectAll()
    .where("repositoryUid", "=", repositoryUid)
    .executeTakeFirst();
  if (!row) return undefined;
  const sealed = { keyId: row.keyId, nonce: Buffer.from(row.nonce), ciphertext: Buffer.from(row.ciphertext) };
  return JSON.parse(box.open(sealed, repositoryUid)) as Credential;
}
