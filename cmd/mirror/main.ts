import { formats } from "#internal/format/formats.ts";
import { createMirrorService } from "#internal/rpc/mirror-service.ts";
import { openMachineCache } from "../parts/open-cache.ts";
import { openAccess, openCatalogue } from "../parts/open-catalogue.ts";
import { openMirror, openUpstream } from "../parts/open-mirror.ts";
import { openRpc } from "../parts/open-rpc.ts";
import { createPublicUrl } from "../parts/public-url.ts";
import { runProcess } from "../parts/run-process.ts";

// MirrorService: one process a machine, the owner of its cache.
await runProcess(process.argv.slice(2), async (foundation) => {
  const authenticate = await openAccess(foundation);
  const { repositories, ledger } = await openCatalogue(foundation);
  const upstream = openUpstream(foundation);
  const cache = await openMachineCache(foundation, true);
  const repositoryUrl = createPublicUrl(foundation.configuration).of;
  const mirror = openMirror(foundation, { cache, upstream, repositories, ledger, repositoryUrl });
  const startTime = new Date();
  const service = createMirrorService({ repositories, mirror, cache, upstream, formats, startTime, nowMs: Date.now });
  return { grpc: await openRpc(foundation, authenticate, [service]) };
});
