import { createFind } from "#internal/mirror/create-find.ts";
import { createRemoteMirror } from "#internal/rpc/client/remote-mirror.ts";
import { openMachineCache } from "../parts/open-cache.ts";
import { openAccess } from "../parts/open-catalogue.ts";
import { openGateway } from "../parts/open-gateway.ts";
import { openPeers, openRemoteRepositories } from "../parts/open-peers.ts";
import { createPublicUrl } from "../parts/public-url.ts";
import { runProcess } from "../parts/run-process.ts";

// The gateway: hits from the cache that it shares with the machine's mirror, everything else through MirrorService.
await runProcess(process.argv.slice(2), async (foundation) => {
  const authenticate = await openAccess(foundation);
  const { repoManager, mirror } = await openPeers(foundation);
  const repositories = await openRemoteRepositories(foundation, repoManager);
  const cache = await openMachineCache(foundation, false);
  const publicUrl = createPublicUrl(foundation.configuration);
  const find = createFind({ cache, repositoryUrl: publicUrl.of, nowMs: Date.now });
  const { resolve } = createRemoteMirror(mirror, { sharedDisk: true });
  const http = await openGateway(foundation, {
    ...{ repositories, authenticate, cache, publicUrl },
    mirror: { find, resolve },
  });
  return { http };
});
