import { Fault } from "#internal/fault/fault.ts";
import { environmentName, flagName, KEY_RULES, type KeyName } from "./configuration-keys.ts";
import { suggestion } from "./nearest-name.ts";

/** A value as text, and where a person finds it: `--http-address`, `LARDER_HTTP_ADDRESS`, `httpAddress in larder.yaml`. */
export interface Setting {
  readonly text: string;
  readonly origin: string;
  /** True: `text` is the path of the file that holds the value. */
  readonly isFile: boolean;
}

/** What one place (flags, environment, YAML) sets. */
export type Settings = ReadonlyMap<KeyName, Setting>;

const NAMES = Object.keys(KEY_RULES) as KeyName[];
const SPELLINGS: readonly { spelling: string; name: KeyName; isFile: boolean }[] = NAMES.flatMap((name) => {
  const plain = { spelling: name as string, name, isFile: false };
  return KEY_RULES[name].secret ? [plain, { spelling: `${name}File`, name, isFile: true }] : [plain];
});

// Variables of the test run, which hands its services over in the environment.
const OF_TESTS = /^LARDER_TEST_/;
// Kubernetes tells every container of every service: of one that is named larder, in variables that look like ours.
const OF_KUBERNETES = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** `flags`: by kebab-case or camelCase name without dashes, as a command-line parser yields them. @throws Fault ARGUMENT_INVALID */
export function settingsOfFlags(flags: Readonly<Record<string, string | undefined>>): Settings {
  return collect(Object.entries(flags), (spelling) => `--${flagName(spelling)}`, flagName, flagName);
}

/** Only variables that begin with LARDER_ are looked at. @throws Fault ARGUMENT_INVALID */
export function settingsOfEnvironment(environment: Readonly<Record<string, string | undefined>>): Settings {
  const own = Object.entries(environment).filter(
    ([name, value = ""]) => name.startsWith("LARDER_") && !OF_TESTS.test(name) && !isOfKubernetes(name, value),
  );
  return collect(
    own,
    (name) => name,
    environmentName,
    (name) => name,
  );
}

function isOfKubernetes(name: string, value: string): boolean {
  return OF_KUBERNETES.test(name) || (name.endsWith("_PORT") && SERVICE_ADDRESS.test(value));
}

/** `values`: the scalars and lists of the YAML file. @throws Fault ARGUMENT_INVALID */
export function settingsOfYaml(values: Readonly<Record<string, unknown>>, path: string): Settings {
  const texts = Object.entries(values).map(([name, value]): [string, string | undefined] => [
    name,
    yamlText(name, value, path),
  ]);
  if (Object.hasOwn(values, "config")) {
    throw new Fault("ARGUMENT_INVALID", `config in ${path} has no meaning: this is the file`, {
      field: "config",
      source: path,
    });
  }
  return collect(
    texts,
    (name) => `${name} in ${path}`,
    (name) => name,
    (name) => name,
  );
}

/**
 * @param describe where a person finds the entry
 * @param spell how this place writes a key
 * @param canonical how this place compares the names that it is given
 */
function collect(
  entries: Iterable<[string, string | undefined]>,
  describe: (given: string) => string,
  spell: (name: string) => string,
  canonical: (given: string) => string,
): Settings {
  const known = new Map(SPELLINGS.map((entry) => [spell(entry.spelling), entry]));
  const settings = new Map<KeyName, Setting>();
  for (const [given, text] of entries) {
    if (text === undefined) continue;
    const entry = known.get(canonical(given));
    const origin = describe(given);
    if (entry === undefined) {
      throw new Fault(
        "ARGUMENT_INVALID",
        `${origin} is not a setting of Larder${suggestion(canonical(given), known.keys())}`,
        {
          field: given,
          source: origin,
        },
      );
    }
    const { name, isFile } = entry;
    if (text === "" && !KEY_RULES[name].secret) continue;
    const other = settings.get(name);
    if (other !== undefined) {
      throw new Fault("ARGUMENT_INVALID", `${other.origin} and ${origin} are both set: keep one`, {
        field: name,
        source: origin,
      });
    }
    settings.set(name, { text, origin, isFile });
  }
  return settings;
}

function yamlText(name: string, value: unknown, path: string): string | undefined {
  if (value === null) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",");
  throw new Fault("ARGUMENT_INVALID", `${name} in ${path} must be a single value or a list of them`, {
    field: name,
    source: path,
  });
}
