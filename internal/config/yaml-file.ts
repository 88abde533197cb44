import { type Document, parseDocument } from "yaml";
import { Fault } from "#internal/fault/fault.ts";

/** The configuration file, every scalar as the text that stands there. */
export interface YamlFile {
  readonly path: string;
  /** All keys but `repositories`. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly repositories: unknown;
}

/** @throws Fault ARGUMENT_INVALID when it is not YAML, or not a mapping */
export function readYaml(text: string, path: string): YamlFile {
  const refuse = (problem: string) =>
    new Fault("ARGUMENT_INVALID", `${path}: ${problem}`, { field: "config", source: path });
  // Failsafe: "0123" stays "0123", "off" stays "off"; our own parsers say what they mean.
  const document = parseDocument(text, { schema: "failsafe", prettyErrors: true });
  const [error] = document.errors;
  if (error) throw refuse(error.message.split("\n", 1)[0] ?? "is not YAML");
  const root = plainData(document, refuse);
  if (root === null || root === "") return { path, values: {}, repositories: undefined };
  if (typeof root !== "object" || Array.isArray(root)) throw refuse("must be a mapping of keys to values");
  const { repositories, ...values } = root as Record<string, unknown>;
  return { path, values, repositories };
}

function plainData(document: Document, refuse: (problem: string) => Fault): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : "cannot be read");
  }
}
