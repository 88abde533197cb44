import { type ColdWarm, FAULTS, type FaultRow, type Want } from "./fault-table.ts";
import type { FormatName } from "./hostile-site.ts";

/** What is asked for, and what the fault strikes: "unannounced" is a file whose document is struck before anybody knows it. */
export type ObjectName = "document" | "file" | "large" | "unannounced";

/** One case: nothing is shared with another one but the Larder. */
export interface MatrixRow {
  readonly title: string;
  readonly fault: FaultRow;
  readonly format: FormatName;
  readonly object: ObjectName;
  /** An old copy is there. */
  readonly kept: boolean;
  readonly want: Want;
  /** What its repository's events and the metrics tell of it. */
  readonly event: FaultRow["event"];
}

const ANNOUNCING: readonly FormatName[] = ["npm", "pypi", "helm"];

/** Every fault on every object of every format, cold and warm. */
export const MATRIX: readonly MatrixRow[] = FAULTS.flatMap((fault) => [
  ...ANNOUNCING.flatMap((format) => announcingRows(fault, format)),
  ...bothRows(fault, "raw", "file", fault.raw),
  ...bothRows(fault, "raw", "large", fault.raw && (fault.rawLarge ?? fault.raw)),
]);

function announcingRows(fault: FaultRow, format: FormatName): MatrixRow[] {
  const { document, file, large = file, archive = [file, large] } = fault;
  const [ofSmall, ofLarge] = format === "pypi" ? [file, large] : archive;
  return [
    ...bothRows(fault, format, "document", document),
    ...bothRows(fault, format, "file", [ofSmall, "HIT"]),
    rowOf(fault, format, "large", false, ofLarge),
    ...(document ? [rowOf(fault, format, "unannounced", false, document[0])] : []),
  ];
}

function bothRows(fault: FaultRow, format: FormatName, object: ObjectName, wants: ColdWarm | undefined): MatrixRow[] {
  if (!wants) return [];
  return [rowOf(fault, format, object, false, wants[0]), rowOf(fault, format, object, true, wants[1])];
}

function rowOf(fault: FaultRow, format: FormatName, object: ObjectName, kept: boolean, want: Want): MatrixRow {
  const title = `${format} ${object}, ${kept ? "warm" : "cold"}, ${fault.fault}: ${want}`;
  const isFile = object === "file" || object === "large";
  const isTold = want !== "HIT" && (isFile || fault.event !== "DIGEST_MISMATCH");
  return { title, fault, format, object, kept, want, event: isTold ? fault.event : undefined };
}
