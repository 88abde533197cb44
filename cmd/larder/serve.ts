import { formats } from "#internal/format/formats.ts";
import { createMirrorService } from "#internal/rpc/mirror-service.ts";
import { createRepoIndexer } from "#internal/rpc/repo-indexer.ts";
import { createRepoManager } from "#internal/rpc/repo-manager.ts";
import { openMachineCache } from "../parts/open-cache.ts";
import { openAccess, openCatalogue, openRepositories } from "../parts/open-catalogue.ts";
import { openGateway } from "../parts/open-gateway.ts";
import { openIndexer } from "../parts/open-indexer.ts";
import { fillCatalogue, openManager } from "../parts/open-manager.ts";
import { openMirror, openUpstream } from "../parts/open-mirror.ts";
import { openQueue } from "../parts/open-queue.ts";
import { openRpc } from "../parts/open-rpc.ts";
import { createPublicUrl } from "../parts/public-url.ts";
import { runProcess } from "../parts/run-process.ts";
import { printWelcome } from "./welcome.ts";

/** `larder serve`: every role in one process. */
export function serve(argv: readonly string[]): Promise<void> {
  return runProcess(argv, async (foundation) => {
    const authenticate = await openAccess(foundation);
    const { repositories, catalog, tasks, ledger } = await openCatalogue(foundation);
    const upstream = openUpstream(foundation);
    const manager = openManager(foundation, { repositories, upstream });
    const publicUrl = createPublicUrl(foundation.configuration);
    const adopted = await fillCatalogue(foundation, { repositories, upstream });
    const snapshot = await openRepositories(foundation, repositories);

    const cache = await openMachineCache(foundation, true);
    const mirror = openMirror(foundation, { cache, upstream, repositories, ledger, repositoryUrl: publicUrl.of });
    const http = await openGateway(foundation, { repositories: snapshot, authenticate, mirror, cache, publicUrl });

    const queue = await openQueue(foundation);
    openIndexer(foundation, { repositories, catalog, tasks, queue, upstream });
    const startTime = new Date();
    const grpc = await openRpc(foundation, authenticate, [
      createRepoManager({ repositories, manager }),
      createRepoIndexer({ repositories, catalog, tasks, formats }),
      createMirrorService({ repositories, mirror, cache, upstream, formats, startTime, nowMs: Date.now }),
    ]);
    printWelcome({ repositories: snapshot.list(), adopted, publicUrl });
    return { http, grpc };
  });
}
