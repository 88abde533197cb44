import type { AdoptedUpstream, Adoption } from "../format.ts";

const PIP_DEFAULT =
  "from pip._internal.models.index import PyPI; print(PyPI.simple_url); print('https://' + PyPI.file_storage_domain)";

/** What pip and uv on this machine are told to use, and last what pip uses when it is told nothing. */
export const adoptions: readonly Adoption[] = [
  { kind: "environment", variable: "PIP_INDEX_URL", read: readUrl },
  { kind: "environment", variable: "UV_DEFAULT_INDEX", read: readUrl },
  { kind: "environment", variable: "UV_INDEX_URL", read: readUrl },
  { kind: "command", command: ["pip", "config", "get", "global.index-url"], read: readUrl },
  { kind: "file", path: "~/.config/uv/uv.toml", read: readUvConfiguration },
  { kind: "file", path: "/etc/uv/uv.toml", read: readUvConfiguration },
  { kind: "command", command: ["python3", "-c", PIP_DEFAULT], label: "pip's own default", read: readPipDefault },
];

/** One URL; uv allows "name=" in front. */
export function readUrl(text: string): readonly AdoptedUpstream[] {
  const url = parsedUrl((text.trim().split(/\s/, 1)[0] ?? "").replace(/^[\w.-]+=/, ""));
  return url ? [{ url: url.href }] : [];
}

/** The index URL on the first line, the origins of its files on the others. */
export function readPipDefault(text: string): readonly AdoptedUpstream[] {
  const [url, ...files] = text.split("\n").map((line) => parsedUrl(line.trim()));
  if (!url) return [];
  return [{ url: url.href, fileOrigins: files.flatMap((file) => (file ? [file.origin] : [])) }];
}

interface UvTable {
  /** As written: "", "[pip]", "[[index]]". */
  readonly header: string;
  readonly values: Map<string, string>;
}

/** The default index of a uv.toml. Additional indexes are not adopted: they do not replace it. */
export function readUvConfiguration(text: string): readonly AdoptedUpstream[] {
  const tables = uvTables(text);
  const index = tables.find(({ header, values }) => header === "[[index]]" && values.get("default") === "true");
  const pip = tables.find(({ header, values }) => (header === "" || header === "[pip]") && values.has("index-url"));
  return readUrl(index?.values.get("url") ?? pip?.values.get("index-url") ?? "");
}

/** The tables of a TOML file with their plain values; whatever else TOML can say is passed over. */
function uvTables(text: string): UvTable[] {
  let table: UvTable = { header: "", values: new Map() };
  const tables = [table];
  for (const line of text.split("\n")) {
    const header = /^\s*(\[.*\])\s*(?:#.*)?$/.exec(line)?.[1];
    if (header !== undefined) {
      table = { header: header.replace(/\s/g, ""), values: new Map() };
      tables.push(table);
    }
    const [, key, double, single, plain] = /^\s*([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\w+))/.exec(line) ?? [];
    if (key !== undefined) table.values.set(key, double ?? single ?? plain ?? "");
  }
  return tables;
}

function parsedUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  url.username = "";
  url.password = "";
  return url;
}
