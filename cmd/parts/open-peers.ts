import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readOrCreateSecret } from "#internal/access/secret-file.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import { openSnapshot, type RepositorySnapshot } from "#internal/repository/snapshot.ts";
import { isUnreachable } from "#internal/rpc/client/client-faults.ts";
import { createClients, type MirrorClient, type RepoManagerClient } from "#internal/rpc/client/clients.ts";
import { listRemoteRepositories } from "#internal/rpc/client/remote-repositories.ts";
import { SNAPSHOT_POLL_MS } from "./open-catalogue.ts";
import type { Foundation } from "./process-life.ts";
import { StartFailure } from "./start-failure.ts";

/** The processes that a gateway asks. */
export interface Peers {
  readonly repoManager: RepoManagerClient;
  readonly mirror: MirrorClient;
}

/** @throws Fault ARGUMENT_INVALID when it is not said where they answer. */
export async function openPeers({ configuration, onStop }: Foundation): Promise<Peers> {
  const { repoManagerUrl, mirrorUrl, adminToken, dataDir } = configuration;
  if (repoManagerUrl === undefined || mirrorUrl === undefined) {
    throw new Fault("ARGUMENT_INVALID", "a gateway needs LARDER_REPO_MANAGER_URL and LARDER_MIRROR_URL");
  }
  const token = adminToken ?? (await readOrCreateSecret(join(dataDir, "admin-token")));
  const manager = createClients({ url: repoManagerUrl, token });
  const mirror = createClients({ url: mirrorUrl, token });
  onStop(async () => {
    manager.close();
    mirror.close();
  });
  return { repoManager: manager.repoManager, mirror: mirror.mirror };
}

/** The repositories as RepoManager tells them. Every change is an event, so the newest event's id tells whether there was one. */
export async function openRemoteRepositories(
  { configuration, logger, onStop }: Foundation,
  repoManager: RepoManagerClient,
): Promise<RepositorySnapshot> {
  await answering(repoManager, configuration.repoManagerUrl);
  const snapshot = await openSnapshot({
    load: () => listRemoteRepositories(repoManager),
    async cursor() {
      const { events } = await repoManager.listRepositoryEvents({ parent: "repositories/-", pageSize: 1 });
      return events[0]?.id ?? "";
    },
    pollMs: SNAPSHOT_POLL_MS,
    onError: (error) => logger.warn("the repositories could not be read again", { error }),
  });
  onStop(async () => snapshot.stop());
  return snapshot;
}

/** Processes that start together wait for each other, for a while. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 250;

/** @throws StartFailure when it does not answer, or not to us. */
async function answering(repoManager: RepoManagerClient, url: string | undefined): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (true) {
    try {
      await repoManager.listRepositories({ pageSize: 1 });
      return;
    } catch (error) {
      const hint = isFault(error, "UNAUTHENTICATED") ? ": both need the same LARDER_ADMIN_TOKEN" : "";
      if (!isUnreachable(error) || Date.now() > deadlineMs) {
        throw new StartFailure(`RepoManager at ${url}: ${(error as Error).message}${hint}`, error);
      }
      await sleep(RETRY_MS);
    }
  }
}
