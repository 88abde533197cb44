import { formats } from "#internal/format/formats.ts";
import { createRepoIndexer } from "#internal/rpc/repo-indexer.ts";
import { openAccess, openCatalogue } from "../parts/open-catalogue.ts";
import { openIndexer } from "../parts/open-indexer.ts";
import { openUpstream } from "../parts/open-mirror.ts";
import { openQueue } from "../parts/open-queue.ts";
import { openRpc } from "../parts/open-rpc.ts";
import { runProcess } from "../parts/run-process.ts";

// RepoIndexer and its workers: as many processes as indexing needs.
await runProcess(process.argv.slice(2), async (foundation) => {
  const authenticate = await openAccess(foundation);
  const { repositories, catalog, tasks } = await openCatalogue(foundation);
  const queue = await openQueue(foundation);
  openIndexer(foundation, { repositories, catalog, tasks, queue, upstream: openUpstream(foundation) });
  const service = createRepoIndexer({ repositories, catalog, tasks, formats });
  return { grpc: await openRpc(foundation, authenticate, [service]) };
});
