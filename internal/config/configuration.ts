import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Fault } from "#internal/fault/fault.ts";
import { type ConfigurationValues, KEY_RULES, type KeyName } from "./configuration-keys.ts";
import { type ConfiguredRepository, readRepositories } from "./configured-repositories.ts";
import { type Setting, type Settings, settingsOfEnvironment, settingsOfFlags, settingsOfYaml } from "./settings.ts";
import { readYaml, type YamlFile } from "./yaml-file.ts";

type Computed = "publicUrl" | "natsUrl" | "cacheMaxBytes" | "adminToken" | "secretKey" | "token";
type PeerUrl = "repoManagerUrl" | "mirrorUrl" | "repoIndexerUrl";
type Optional = Computed | PeerUrl;
type Renamed = "config" | "upstreamTimeout" | "metadataTtl";

/**
 * Everything that can be set, typed and read once. Folders are absolute. What is undefined has no fixed default: the
 * public URL follows the bound HTTP address, the cache's size the free space, secrets the files in the data folder.
 */
export type Configuration = Omit<ConfigurationValues, Optional | Renamed> & {
  readonly [Name in Optional]: ConfigurationValues[Name] | undefined;
} & {
  readonly upstreamTimeoutMs: number;
  readonly metadataTtlMs: number;
  /** Of the YAML file: created or updated at start, by the rules of the RPCs. */
  readonly repositories: readonly ConfiguredRepository[];
  /** The YAML file that was read. */
  readonly configPath: string | undefined;
};

export interface ConfigurationSources {
  /** By kebab-case or camelCase name without dashes; win over everything. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Text of a file, undefined when it is not there. Default: the disk. */
  readonly readFile?: (path: string) => string | undefined;
}

const DEFAULT_FILE = "larder.yaml";

/**
 * Flags, then environment, then YAML file, then defaults.
 * @throws Fault ARGUMENT_INVALID for unknown keys and bad values; facts: `field` and `source`
 */
export function readConfiguration(sources: ConfigurationSources): Configuration {
  const readFile = sources.readFile ?? readFileOfDisk;
  const flags = settingsOfFlags(sources.flags ?? {});
  const environment = settingsOfEnvironment(sources.environment ?? {});
  const file = findYaml(flags.get("config") ?? environment.get("config"), readFile);
  const yaml = settingsOfYaml(file?.values ?? {}, file?.path ?? DEFAULT_FILE);
  const read = valueReader([flags, environment, yaml], readFile);

  const dataDir = resolve(read("dataDir"));
  return {
    dataDir,
    httpAddress: read("httpAddress"),
    grpcAddress: read("grpcAddress"),
    adminAddress: read("adminAddress"),
    publicUrl: read("publicUrl"),
    databaseUrl: read("databaseUrl") ?? `sqlite:${join(dataDir, "larder.db")}`,
    natsUrl: read("natsUrl"),
    cacheDir: resolve(read("cacheDir") ?? join(dataDir, "cache")),
    cacheMaxBytes: read("cacheMaxBytes"),
    workers: read("workers"),
    adopt: read("adopt"),
    upstreamAllow: read("upstreamAllow"),
    upstreamTimeoutMs: read("upstreamTimeout"),
    metadataTtlMs: read("metadataTtl"),
    adminToken: read("adminToken"),
    secretKey: read("secretKey"),
    repoManagerUrl: read("repoManagerUrl"),
    mirrorUrl: read("mirrorUrl"),
    repoIndexerUrl: read("repoIndexerUrl"),
    logLevel: read("logLevel"),
    memoryCacheBytes: read("memoryCacheBytes"),
    documentMaxBytes: read("documentMaxBytes"),
    fileMaxBytes: read("fileMaxBytes"),
    indexConcurrency: read("indexConcurrency"),
    upstreamConcurrency: read("upstreamConcurrency"),
    upstreamRate: read("upstreamRate"),
    serverUrl: read("serverUrl"),
    token: read("token"),
    repositories: file === undefined ? [] : readRepositories(file.repositories, file.path, readFile),
    configPath: file?.path,
  };
}

type ReadFile = (path: string) => string | undefined;
type WithoutDefault = Optional | "databaseUrl" | "cacheDir" | "config";
type ReadValue = <Name extends KeyName>(
  name: Name,
) => ConfigurationValues[Name] | (Name extends WithoutDefault ? undefined : never);

function valueReader(places: readonly Settings[], readFile: ReadFile): ReadValue {
  return <Name extends KeyName>(name: Name) => {
    const rule = KEY_RULES[name];
    const setting = places.map((place) => place.get(name)).find((found) => found !== undefined);
    if (setting === undefined)
      return (rule.computed ? undefined : rule.parse(rule.defaultText)) as ConfigurationValues[Name];
    const text = setting.isFile ? readNamed(name, setting, readFile).trim() : setting.text;
    try {
      if (text === "") throw new Error("must not be empty: unset it, or give it a value");
      return rule.parse(text);
    } catch (error) {
      const shown = rule.secret ? "" : `, not "${text.slice(0, 80)}"`;
      const message = `${setting.origin} ${error instanceof Error ? error.message : "is invalid"}${shown}`;
      throw new Fault("ARGUMENT_INVALID", message, { field: name, source: setting.origin });
    }
  };
}

function findYaml(setting: Setting | undefined, readFile: ReadFile): YamlFile | undefined {
  const path = setting?.text ?? DEFAULT_FILE;
  const text = setting ? readNamed("config", setting, readFile) : readFile(path);
  return text === undefined ? undefined : readYaml(text, path);
}

/** A file that a setting names. */
function readNamed(field: KeyName, { text: path, origin }: Setting, readFile: ReadFile): string {
  const refuse = (cause?: unknown) =>
    new Fault(
      "ARGUMENT_INVALID",
      `${origin} names ${path}, which cannot be read`,
      { field, source: origin },
      { cause },
    );
  try {
    const text = readFile(path);
    if (text !== undefined) return text;
  } catch (error) {
    throw refuse(error);
  }
  throw refuse();
}

function readFileOfDisk(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Fault("ARGUMENT_INVALID", `${path} cannot be read`, { field: "config", source: path }, { cause: error });
  }
}
