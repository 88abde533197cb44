import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type LarderOptions, type RunningLarder, repositoriesFile } from "./larder.ts";
import { startRole } from "./larder-role.ts";

/** Starts everything in one process, embedded, on a data folder of its own and free ports. Throws with its log when it does not come up. */
export async function startLarder({ repositories, environment, after }: LarderOptions): Promise<RunningLarder> {
  const folder = after ? dirname(after.dataDir) : await mkdtemp(join(tmpdir(), "larder-process-"));
  const dataDir = join(folder, "data");
  const config = join(folder, "larder.yaml");
  const token = after?.token ?? randomBytes(16).toString("hex");
  await mkdir(dataDir, { recursive: true });
  await writeFile(config, repositoriesFile(repositories));
  const role = await startRole({
    role: "larder",
    args: ["serve", "--config", config],
    folder,
    environment: {
      LARDER_DATA_DIR: dataDir,
      LARDER_HTTP_ADDRESS: "127.0.0.1:0",
      LARDER_GRPC_ADDRESS: "127.0.0.1:0",
      LARDER_ADMIN_TOKEN: token,
      ...environment,
    },
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const grpcUrl = role.url("grpc");
  return {
    httpUrl: role.url("http"),
    grpcUrl,
    services: { RepoManager: grpcUrl, RepoIndexer: grpcUrl, MirrorService: grpcUrl },
    adminUrl: role.url("admin"),
    token,
    dataDir,
    log: () => readFile(role.logFile, "utf8"),
    stop: async () => {
      await role.stop();
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => role.kill(),
  };
}
