import { parseArgs } from "node:util";
import { Fault } from "#internal/fault/fault.ts";
import { configurationKeys } from "./configuration-keys.ts";
import { suggestion } from "./nearest-name.ts";

const FLAGS = configurationKeys.flatMap(({ flag, secret }) => (secret ? [flag, `${flag}-file`] : [flag]));

/**
 * Reads `--http-address 127.0.0.1:0` or `--http-address=…` of a binary that takes no other arguments. `--help` yields "help".
 * @throws Fault ARGUMENT_INVALID for anything else
 */
export function readFlags(argv: readonly string[]): Readonly<Record<string, string>> | "help" {
  const refuse = (problem: string, field: string) =>
    new Fault("ARGUMENT_INVALID", problem, { field, source: "command line" });
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(FLAGS.map((flag) => [flag, { type: "string" as const }])),
      help: { type: "boolean", short: "h" },
    },
    strict: false,
    tokens: true,
  });
  const flags: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind !== "option")
      throw refuse(`"${argv[token.index]}" is not expected: there are only flags`, "arguments");
    if (token.name === "help") return "help";
    if (!FLAGS.includes(token.name))
      throw refuse(`${token.rawName} is not a flag${suggestion(token.name, FLAGS)}`, token.name);
    if (token.value === undefined) throw refuse(`${token.rawName} needs a value`, token.name);
    if (Object.hasOwn(flags, token.name)) throw refuse(`${token.rawName} is given twice`, token.name);
    flags[token.name] = token.value;
  }
  return flags;
}

/** The table of all settings as text for a terminal. */
export function configurationHelp(): string {
  const width = Math.max(...configurationKeys.map(({ flag }) => flag.length)) + 2;
  const lines = configurationKeys.map(
    ({ flag, environment, meaning, defaultText, secret }) =>
      `  --${flag.padEnd(width)}${meaning.replaceAll("`", "")}\n  ${" ".repeat(width + 2)}${environment}${secret ? ` or ${environment}_FILE` : ""}; default: ${defaultText}`,
  );
  return `${lines.join("\n")}\n`;
}

/** The table of all settings in Markdown, as README has it. */
export function configurationTable(): string {
  const rows = configurationKeys.map(
    ({ environment, defaultText, meaning, secret }) =>
      `| ${environment}${secret ? ", …_FILE" : ""} | ${defaultText} | ${meaning} |`,
  );
  return ["| environment | default | meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}
