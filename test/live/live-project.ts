import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanEnvironment } from "../services/clean-environment.ts";
import { mustRun } from "../services/command.ts";
import { findTool } from "../services/tools.ts";

/** Real packages that one client installs. */
export interface LiveProject {
  /** The client's. */
  readonly name: string;
  /** Repository that adoption makes for it. */
  readonly repositoryId: string;
  /** Fewer packages mean that the installation is not what it should be. */
  readonly packageCount: number;
  /** Whether this machine has the client. */
  canInstall(): boolean;
  /** Installs into a folder that is empty, as a client that has nothing in its cache. Returns how many packages it has then. */
  install(folder: string, repositoryUrl: string): Promise<number>;
}

const LIMIT_MS = 5 * 60_000;

const NPM_DEPENDENCIES = {
  "@babel/core": "7.26.0",
  axios: "1.7.9",
  commander: "12.1.0",
  eslint: "9.17.0",
  express: "4.21.2",
  lodash: "4.17.21",
  mocha: "11.0.1",
  prettier: "3.4.2",
  react: "18.3.1",
  "react-dom": "18.3.1",
  typescript: "5.7.2",
  webpack: "5.97.1",
};

const PIP_REQUIREMENTS = [
  "flask==3.1.0",
  "httpx==0.28.1",
  "pydantic==2.10.4",
  "pyyaml==6.0.2",
  "requests==2.32.3",
  "rich==13.9.4",
];

// Others than pip's: what one client has fetched is no longer cold for the other.
const UV_REQUIREMENTS = ["aiohttp==3.11.11", "black==24.10.0", "jinja2==3.1.5", "numpy==2.2.1", "sqlalchemy==2.0.36"];

export const LIVE_PROJECTS: readonly LiveProject[] = [
  {
    ...{ name: "npm", repositoryId: "npm", packageCount: 250 },
    canInstall: () => findTool("npm") !== undefined,
    install: installWithNpm,
  },
  {
    ...{ name: "pip", repositoryId: "pypi", packageCount: 20 },
    canInstall: () => findTool("pip") !== undefined,
    install: (folder, url) =>
      installWithPython(folder, url, [findTool("pip") ?? "pip", "install", "--no-input", ...PIP_REQUIREMENTS]),
  },
  {
    ...{ name: "uv", repositoryId: "pypi", packageCount: 15 },
    canInstall: () => findTool("uv") !== undefined && findTool("python") !== undefined,
    install: (folder, url) => {
      const python = ["--python", findTool("python") ?? "python3"];
      return installWithPython(folder, url, [findTool("uv") ?? "uv", "pip", "install", ...python, ...UV_REQUIREMENTS]);
    },
  },
];

async function installWithNpm(folder: string, repositoryUrl: string): Promise<number> {
  const project = join(folder, "project");
  await mkdir(project);
  const manifest = { name: "live", version: "1.0.0", private: true, dependencies: NPM_DEPENDENCIES };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  // Scripts of packages may download what no registry holds, and an audit asks what no cache can know.
  await mustRun("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
    folder: project,
    environment: cleanEnvironment(folder, { npm_config_registry: repositoryUrl }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const lock = JSON.parse(await readFile(join(project, "node_modules/.package-lock.json"), "utf8"));
  return Object.keys(lock.packages).length;
}

async function installWithPython(folder: string, url: string, command: readonly string[]): Promise<number> {
  const target = join(folder, "site-packages");
  const [file = "", ...args] = command;
  await mustRun(file, [...args, "--index-url", `${url}simple/`, "--target", target], {
    folder,
    environment: cleanEnvironment(folder),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  return (await readdir(target)).filter((name) => name.endsWith(".dist-info")).length;
}
