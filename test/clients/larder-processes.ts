import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyDatabase } from "../services/database.ts";
import { freePort } from "../services/free-port.ts";
import { natsUrl } from "../services/nats-server.ts";
import { type LarderOptions, type RunningLarder, repositoriesFile } from "./larder.ts";
import { type RoleCommand, type RunningRole, startRole } from "./larder-role.ts";

/**
 * Starts RepoManager, RepoIndexer, MirrorService and a gateway as processes of their own: on the run's MariaDB (in a database of their
 * own) and nats-server, with one cache folder for the gateway and the mirror. Throws with the log of the one that does not come up.
 */
export async function startLarderProcesses({ repositories, environment }: LarderOptions): Promise<RunningLarder> {
  const folder = await mkdtemp(join(tmpdir(), "larder-processes-"));
  const database = await emptyDatabase();
  const token = randomBytes(16).toString("hex");
  // The mirror writes the gateway's address into documents, so it must be known before there is a gateway.
  const gateway = `127.0.0.1:${await freePort()}`;
  const config = join(folder, "larder.yaml");
  await writeFile(config, repositoriesFile(repositories));
  const shared = {
    LARDER_DATA_DIR: join(folder, "data"),
    LARDER_CACHE_DIR: join(folder, "cache"),
    LARDER_DATABASE_URL: database.url,
    LARDER_NATS_URL: natsUrl(),
    LARDER_ADMIN_TOKEN: token,
    LARDER_SECRET_KEY: randomBytes(32).toString("hex"),
    LARDER_HTTP_ADDRESS: gateway,
    LARDER_GRPC_ADDRESS: "127.0.0.1:0",
    LARDER_PUBLIC_URL: `http://${gateway}/`,
    ...environment,
  };
  const running: RunningRole[] = [];
  const start = async (role: RoleCommand["role"], further: { args?: string[]; environment?: object } = {}) => {
    const { args = [] } = further;
    const started = await startRole({ role, args, folder, environment: { ...shared, ...further.environment } });
    running.push(started);
    return started;
  };
  const endAll = async (end: (role: RunningRole) => Promise<void>) => {
    // The gateway first: it is the one that is asked.
    for (const role of running.toReversed()) await end(role);
  };
  const remove = async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const manager = await start("repo-manager", { args: ["--config", config] });
    const [indexer, mirror] = await Promise.all([start("repo-indexer"), start("mirror")]);
    const peers = { LARDER_REPO_MANAGER_URL: manager.url("grpc"), LARDER_MIRROR_URL: mirror.url("grpc") };
    const front = await start("gateway", { environment: peers });
    return {
      httpUrl: front.url("http"),
      grpcUrl: manager.url("grpc"),
      services: {
        RepoManager: manager.url("grpc"),
        RepoIndexer: indexer.url("grpc"),
        MirrorService: mirror.url("grpc"),
      },
      adminUrl: front.url("admin"),
      token,
      dataDir: shared.LARDER_DATA_DIR,
      log: async () => (await Promise.all(running.map(({ logFile }) => readFile(logFile, "utf8")))).join(""),
      stop: async () => {
        await endAll((role) => role.stop());
        await remove();
      },
      kill: () => endAll((role) => role.kill()),
    };
  } catch (error) {
    await endAll((role) => role.kill());
    await remove();
    throw error;
  }
}
