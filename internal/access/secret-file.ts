import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Fault } from "#internal/fault/fault.ts";

/**
 * Reads a secret of this installation, or makes it at the first start: 32 random bytes in hex, mode 0600. Several processes that start
 * at once agree on one.
 * @throws Fault STORAGE_UNAVAILABLE when the file can be neither read nor written, ARGUMENT_INVALID when it holds no such secret.
 */
export async function readOrCreateSecret(path: string): Promise<string> {
  const secret = (await readSecret(path)) ?? (await createSecret(path));
  if (!/^\S{16,}$/.test(secret)) {
    throw new Fault(
      "ARGUMENT_INVALID",
      `${path} must hold a secret of at least 16 characters; remove it to get a new one`,
      { path },
    );
  }
  return secret;
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(path, error);
  }
}

async function createSecret(path: string): Promise<string> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flush: true });
    // A link fails where a rename would replace: the first process decides, whole or not at all.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    // What is encrypted with it is durable from now on, so it must be, too.
    await syncFolder(dirname(path));
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw unusable(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

function unusable(path: string, cause: unknown): Fault {
  return new Fault("STORAGE_UNAVAILABLE", `${path} cannot be used: ${(cause as Error).message}`, { path }, { cause });
}
