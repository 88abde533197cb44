/** One version of a chart, in the types that Helm's index has: text is text, lists are lists. Fields that Helm does not know stay as they are. */
export interface ChartEntry {
  readonly name?: string;
  readonly version?: string;
  readonly appVersion?: string;
  readonly description?: string;
  readonly digest?: string;
  /** RFC 3339. */
  readonly created?: string;
  readonly deprecated?: boolean;
  readonly urls?: readonly string[];
  readonly [field: string]: unknown;
}

/** Turns what a careless generator wrote into the field's type; undefined: it cannot be, so the field is left out. */
type Coerce = (value: unknown) => unknown;

const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const TRUE = /^(?:true|yes|on|y)$/i;
const FALSE = /^(?:false|no|off|n)$/i;

const text: Coerce = (value) => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
};
const time: Coerce = (value) => (typeof value === "string" && TIME.test(value) ? value : undefined);
const flag: Coerce = (value) => {
  const spelled = String(text(value));
  return TRUE.test(spelled) || (FALSE.test(spelled) ? false : undefined);
};
const texts: Coerce = (value) => {
  if (value === "" || value === null || value === undefined) return undefined;
  return (Array.isArray(value) ? value : [value]).map(text).filter((each) => each !== undefined);
};
const textMap: Coerce = (value) => (isMapping(value) ? coerceFields(value, () => text) : undefined);
const list: Coerce = (value) => (Array.isArray(value) ? value : undefined);

// Helm reads the index as JSON into Go structs: one field of another type there makes the whole index unreadable.
const MAINTAINER = new Map<string, Coerce>([
  ["name", text],
  ["email", text],
  ["url", text],
]);
const DEPENDENCY = new Map<string, Coerce>([
  ["name", text],
  ["version", text],
  ["repository", text],
  ["condition", text],
  ["tags", texts],
  ["enabled", flag],
  ["import-values", list],
  ["alias", text],
]);
const ENTRY = new Map<string, Coerce>([
  ...["name", "version", "appversion", "apiversion", "kubeversion", "tillerversion"].map((key) => [key, text] as const),
  ...["description", "home", "icon", "type", "condition", "tags"].map((key) => [key, text] as const),
  ...["digest", "checksum", "engine", "url"].map((key) => [key, text] as const),
  ["sources", texts],
  ["keywords", texts],
  ["urls", texts],
  ["deprecated", flag],
  ["removed", flag],
  ["created", time],
  ["annotations", textMap],
  ["maintainers", (value) => mappings(value, MAINTAINER)],
  ["dependencies", (value) => mappings(value, DEPENDENCY)],
]);
const HEADER = new Map<string, Coerce>([
  ["apiversion", text],
  ["generated", time],
  ["publickeys", texts],
  ["annotations", textMap],
  ["serverinfo", (value) => (isMapping(value) ? value : undefined)],
]);

/** Undefined: not a mapping, so no version of a chart. */
export function toChartEntry(value: unknown): ChartEntry | undefined {
  return isMapping(value) ? coerceFields(value, (key) => ENTRY.get(key)) : undefined;
}

/** The top level of an index, without its entries. */
export function toIndexHeader(header: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return coerceFields(header, (key) => HEADER.get(key));
}

function mappings(value: unknown, fields: ReadonlyMap<string, Coerce>): unknown {
  if (!Array.isArray(value)) return undefined;
  return value.filter(isMapping).map((each) => coerceFields(each, (key) => fields.get(key)));
}

/** Go matches names of fields in any case, so "Version" must be text, too. */
function coerceFields(value: Record<string, unknown>, coerceOf: (lowerCaseKey: string) => Coerce | undefined) {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === "__proto__") continue;
    const coerce = coerceOf(key.toLowerCase());
    const coerced = coerce ? coerce(value[key]) : value[key];
    if (coerced !== undefined && coerced !== null) result[key] = coerced;
  }
  return result;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
