import { runCommand } from "./command.ts";
import { canInstallPackages, installPackages } from "./debian-packages.ts";
import { findBinary } from "./find-binary.ts";
import { type GoTool, installGoTool } from "./go-tools.ts";
import { installPythonTools } from "./python-tools.ts";
import { findTool, TOOL_NAMES, type ToolName } from "./tools.ts";

/** What a run found out about its machine. */
export interface Provision {
  /** Tools that stay missing, each with the reason. */
  readonly missing: ReadonlyMap<ToolName, string>;
}

/** Something that a Debian package brings, and how to see that it is not there. */
interface PackageNeed {
  readonly packages: readonly string[];
  isMissing(): Promise<boolean>;
}

const lacksBinary =
  (...names: string[]) =>
  async () =>
    findBinary(...names) === undefined;
const lacksTool = (...names: ToolName[]) => names.some((name) => findTool(name) === undefined);

const PACKAGE_NEEDS: readonly PackageNeed[] = [
  { packages: ["mariadb-client"], isMissing: lacksBinary("mariadb", "mysql") },
  {
    // The core package has the server without a service that starts by itself.
    packages: ["mariadb-server-core"],
    isMissing: async () => !process.env.LARDER_TEST_DATABASE_URL && findBinary("mariadbd") === undefined,
  },
  {
    packages: ["nats-server"],
    isMissing: async () => !process.env.LARDER_TEST_NATS_URL && findBinary("nats-server") === undefined,
  },
  { packages: ["strace"], isMissing: lacksBinary("strace") },
  { packages: ["faketime"], isMissing: lacksBinary("faketime") },
  {
    packages: ["python3", "python3-venv"],
    isMissing: async () =>
      lacksTool("uv") && (await runCommand("python3", ["-c", "import venv, ensurepip"])).code !== 0,
  },
  {
    packages: ["golang-go", "ca-certificates"],
    isMissing: async () => lacksTool("helm", "grpcurl") && findBinary("go") === undefined,
  },
];

/** Installs what the tests need and the machine lacks, as far as it may, and says what it does. */
export async function provision(say: (line: string) => void): Promise<Provision> {
  await providePackages(say);
  const reasons = new Map<ToolName, string>();
  const provide = async (names: readonly ToolName[], install: () => Promise<void>) => {
    if (!lacksTool(...names)) return;
    say(`installing ${names.join(", ")}`);
    const reason = await reasonOfFailure(install);
    if (reason !== undefined) for (const name of names) reasons.set(name, reason);
  };
  await provide(["python", "pip", "uv", "twine"], installPythonTools);
  for (const tool of ["grpcurl", "helm"] satisfies GoTool[]) await provide([tool], () => installGoTool(tool));

  const missing = TOOL_NAMES.filter((name) => findTool(name) === undefined);
  return { missing: new Map(missing.map((name) => [name, reasons.get(name) ?? "not on this machine"])) };
}

async function providePackages(say: (line: string) => void): Promise<void> {
  const lacking: string[] = [];
  for (const need of PACKAGE_NEEDS) if (await need.isMissing()) lacking.push(...need.packages);
  if (lacking.length === 0) return;
  if (!canInstallPackages()) {
    say(`missing, and not installed because this is no Debian or Ubuntu as root: ${lacking.join(", ")}`);
    return;
  }
  say(`apt-get install ${lacking.join(" ")}`);
  for (const [name, reason] of await installPackages(lacking)) say(`apt-get could not install ${name}: ${reason}`);
}

/** The last line of what went wrong; undefined when nothing did. */
async function reasonOfFailure(install: () => Promise<void>): Promise<string | undefined> {
  try {
    await install();
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.trim().split("\n").at(-1);
  }
}
