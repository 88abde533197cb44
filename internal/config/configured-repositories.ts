import * as v from "valibot";
import { Fault } from "#internal/fault/fault.ts";
import { suggestion } from "./nearest-name.ts";
import { parseDurationMs } from "./parse-amounts.ts";

/** A repository of the YAML file. Undefined fields are not set there. Whether its values are allowed is repository/'s business. */
export interface ConfiguredRepository {
  readonly id: string;
  readonly format: string;
  readonly upstreamUrl: string;
  readonly displayName: string | undefined;
  readonly description: string | undefined;
  readonly visibility: "PUBLIC" | "INTERNAL" | "PRIVATE" | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly metadataTtlMs: number | undefined;
  readonly syncIntervalMs: number | undefined;
  readonly fileOrigins: readonly string[] | undefined;
  readonly upstreamMode: "ONLINE" | "OFFLINE" | undefined;
  readonly credential: ConfiguredCredential | undefined;
}

/** Same shape as `Credential` of repository/. */
export type ConfiguredCredential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "header"; readonly name: string; readonly value: string };

type ReadFile = (path: string) => string | undefined;

const text = v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty"));
const optionalText = v.optional(text);
const duration = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseDurationMs(dataset.value);
    } catch (error) {
      addIssue({ message: (error as Error).message });
      return NEVER;
    }
  }),
);

const CREDENTIAL = v.strictObject({
  basic: v.optional(v.strictObject({ username: text, password: optionalText, passwordFile: optionalText })),
  bearer: v.optional(v.strictObject({ token: optionalText, tokenFile: optionalText })),
  header: v.optional(v.strictObject({ name: text, value: optionalText, valueFile: optionalText })),
});

const REPOSITORY = v.strictObject({
  id: text,
  format: text,
  upstreamUrl: text,
  displayName: v.optional(v.string("must be a text")),
  description: v.optional(v.string("must be a text")),
  visibility: v.optional(choice("VISIBILITY_", ["PUBLIC", "INTERNAL", "PRIVATE"])),
  labels: v.optional(
    v.pipe(
      v.custom<object>((given) => !Array.isArray(given)),
      v.record(v.string(), v.string("must be a text")),
    ),
  ),
  metadataTtl: v.optional(duration),
  syncInterval: v.optional(duration),
  fileOrigins: v.optional(v.array(text, "must be a list")),
  upstreamMode: v.optional(choice("UPSTREAM_MODE_", ["ONLINE", "OFFLINE"])),
  credential: v.optional(CREDENTIAL),
});

const FIELD_NAMES = Object.keys(REPOSITORY.entries);
const REPOSITORIES = v.array(REPOSITORY, "must be a list");

/**
 * Checks the shape of the `repositories:` list.
 * @throws Fault ARGUMENT_INVALID that names the place, e.g. `repositories[1].metadataTtl in larder.yaml`; never a secret
 */
export function readRepositories(list: unknown, path: string, readFile: ReadFile): readonly ConfiguredRepository[] {
  if (list === undefined || list === null || list === "") return [];
  const result = v.safeParse(REPOSITORIES, list, { abortEarly: true });
  if (!result.success) throw refuseIssue(result.issues[0], path);
  const seen = new Set<string>();
  return result.output.map((given, index) => {
    if (seen.has(given.id)) throw refuse(`repositories[${index}].id`, `"${given.id}" stands there twice`, path);
    seen.add(given.id);
    return toRepository(given, (problem) => refuse(`repositories[${index}].credential`, problem, path), readFile);
  });
}

function toRepository(
  given: v.InferOutput<typeof REPOSITORY>,
  refuseCredential: (problem: string) => Fault,
  readFile: ReadFile,
): ConfiguredRepository {
  const { id, format, upstreamUrl, displayName, description, visibility, labels, fileOrigins, upstreamMode } = given;
  return {
    ...{ id, format, upstreamUrl, displayName, description, visibility, labels, fileOrigins, upstreamMode },
    metadataTtlMs: given.metadataTtl,
    syncIntervalMs: given.syncInterval,
    credential: given.credential && toCredential(given.credential, refuseCredential, readFile),
  };
}

function toCredential(
  given: v.InferOutput<typeof CREDENTIAL>,
  refuseCredential: (problem: string) => Fault,
  readFile: ReadFile,
): ConfiguredCredential {
  const { basic, bearer, header } = given;
  if (Object.keys(given).length !== 1) throw refuseCredential("must have exactly one of basic, bearer, header");
  const inline = basic?.password ?? bearer?.token ?? header?.value;
  const file = basic?.passwordFile ?? bearer?.tokenFile ?? header?.valueFile;
  if (inline !== undefined && file !== undefined)
    throw refuseCredential("must have its secret inline or in a file, not both");
  const secret = inline ?? (file && readable(file, readFile)?.trim());
  if (!secret) throw refuseCredential("must have a secret, inline or in a readable file that is not empty");

  if (basic) return { kind: "basic", username: basic.username, password: secret };
  if (header) return { kind: "header", name: header.name, value: secret };
  return { kind: "bearer", token: secret };
}

function readable(path: string, readFile: ReadFile): string | undefined {
  try {
    return readFile(path);
  } catch {
    return undefined;
  }
}

/** Enum values, plain or as the proto spells them. */
function choice<const Choice extends string>(prefix: string, choices: readonly Choice[]) {
  return v.pipe(
    v.string(),
    v.transform((given) => (given.startsWith(prefix) ? given.slice(prefix.length) : given)),
    v.picklist(choices, `must be one of ${choices.join(", ")}`),
  );
}

function refuseIssue(issue: v.BaseIssue<unknown>, path: string): Fault {
  const keys = (issue.path ?? []).map(({ key }) => key);
  const field = `repositories${keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("")}`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    return refuse(field, `is not a field that can be set${suggestion(String(keys.at(-1)), FIELD_NAMES)}`, path);
  }
  if (issue.type === "strict_object" && issue.received === "undefined") return refuse(field, "is missing", path);
  return refuse(field, issue.message.startsWith("must") ? issue.message : "must be a mapping of its fields", path);
}

function refuse(field: string, problem: string, path: string): Fault {
  const source = `${field} in ${path}`;
  return new Fault("ARGUMENT_INVALID", `${source} ${problem}`, { field, source });
}
