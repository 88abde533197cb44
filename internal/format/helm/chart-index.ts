import { Fault } from "#internal/fault/fault.ts";
import type { DocumentSource } from "../format.ts";
import { parseFailsafeYaml } from "./failsafe-yaml.ts";
import { cutIndex } from "./index-blocks.ts";
import { parseRegularYaml } from "./regular-yaml.ts";

/** An `index.yaml` whose packages are parsed one by one, each time they are asked for. */
export interface ChartIndex {
  /** All of the top level but `entries`. */
  readonly header: Readonly<Record<string, unknown>>;
  packages(): Iterable<ListedPackage>;
}

/** One child of `entries`. */
export interface ListedPackage {
  readonly name: string;
  /** As the index has them, unchecked. Empty when there is a problem. */
  readonly entries: readonly unknown[];
  /** Why the package could not be read. */
  readonly problem?: string;
}

/**
 * @throws Fault UPSTREAM_INVALID when it is not an index (HTML, no `apiVersion`, neither YAML nor JSON); LIMIT_EXCEEDED when it is
 * irregular and too large to be parsed as a whole.
 */
export function openChartIndex({ body }: DocumentSource): ChartIndex {
  const start = body.toString("utf8", 0, 1024).trimStart();
  if (start === "") throw invalid("it is empty");
  if (start.startsWith("<")) throw invalid("it is an HTML or XML page");
  const blocks = start.startsWith("{") ? undefined : cutIndex(body);
  if (blocks === undefined) return openWhole(body);

  const header = toHeader(parseFailsafeYaml(blocks.header));
  return {
    header,
    *packages() {
      for (const [name, { start, end }] of blocks.packages) yield readBlock(name, body.toString("utf8", start, end));
    },
  };
}

function readBlock(name: string, text: string): ListedPackage {
  try {
    const block = parseRegularYaml(text);
    return toPackage(name, isMapping(block) ? block[name] : undefined);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { name, entries: [], problem: error.message };
  }
}

function openWhole(body: Buffer): ChartIndex {
  const { entries, ...rest } = toHeader(parseWhole(body.toString("utf8").replace(/^\ufeff/, "")));
  if (entries !== undefined && entries !== null && !isMapping(entries)) throw invalid("its entries are no mapping");
  return {
    header: rest,
    *packages() {
      for (const [name, list] of Object.entries(entries ?? {})) yield toPackage(name, list);
    },
  };
}

function parseWhole(text: string): unknown {
  if (/^\s*\{/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // A YAML mapping in flow style begins like that, too.
    }
  }
  return parseFailsafeYaml(text);
}

function toHeader(value: unknown): Record<string, unknown> {
  if (!isMapping(value)) throw invalid("it is no mapping");
  if (typeof value.apiVersion !== "string" || value.apiVersion === "") throw invalid("it names no apiVersion");
  return value;
}

function toPackage(name: string, list: unknown): ListedPackage {
  if (Array.isArray(list)) return { name, entries: list };
  // `name:` with nothing behind it.
  if (list === null || list === undefined) return { name, entries: [] };
  return { name, entries: [], problem: "its versions are no list" };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(why: string): Fault {
  return new Fault("UPSTREAM_INVALID", `not a Helm repository index: ${why}`);
}
