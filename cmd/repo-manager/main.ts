import { createRepoManager } from "#internal/rpc/repo-manager.ts";
import { openAccess, openCatalogue } from "../parts/open-catalogue.ts";
import { fillCatalogue, openManager } from "../parts/open-manager.ts";
import { openUpstream } from "../parts/open-mirror.ts";
import { openRpc } from "../parts/open-rpc.ts";
import { runProcess } from "../parts/run-process.ts";

// RepoManager alone: what the scaled shape runs once or more often, on the shared database.
await runProcess(process.argv.slice(2), async (foundation) => {
  const authenticate = await openAccess(foundation);
  const { repositories } = await openCatalogue(foundation);
  const upstream = openUpstream(foundation);
  const manager = openManager(foundation, { repositories, upstream });
  await fillCatalogue(foundation, { repositories, upstream });
  return { grpc: await openRpc(foundation, authenticate, [createRepoManager({ repositories, manager })]) };
});
