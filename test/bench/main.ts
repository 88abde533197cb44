import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { COLD_ROWS } from "./cold-rows.ts";
import { HOT_ROWS } from "./hot-rows.ts";
import { INSTALL_ROWS } from "./install-rows.ts";
import { OUTAGE_ROWS } from "./outage-rows.ts";
import { PROCESS_ROWS } from "./process-rows.ts";
import { startProcesses } from "./processes.ts";
import type { Row } from "./row.ts";
import { type RowFigure, ratioOf, tableOf } from "./table.ts";

// `npm run bench`: Larder beside a server that does the least, on loopback.
const ROWS: readonly Row[] = [...HOT_ROWS, ...COLD_ROWS, ...INSTALL_ROWS, ...OUTAGE_ROWS, ...PROCESS_ROWS];
const USAGE = `npm run bench -- [--rows ${ROWS[0]?.name},…] [--runs 3] [--seconds 1] [--json FILE] [--profile FOLDER]
  --rows     of ${ROWS.map(({ name }) => name).join(", ")}
  --runs     of which the median is shown
  --seconds  for which each server is under load in a run
  --json     writes every value too
  --profile  writes the CPU profile of the measured Larder`;
/** Whatever hangs, the bench ends; its servers end with it. */
const LIMIT_MS = 10 * 60_000;

const { values } = parseArgs({
  options: {
    rows: { type: "string" },
    runs: { type: "string", default: "3" },
    seconds: { type: "string", default: "1" },
    json: { type: "string" },
    profile: { type: "string" },
    help: { type: "boolean" },
  },
});

if (values.help) console.log(USAGE);
else await run(selected(values.rows));

async function run(rows: readonly Row[]): Promise<void> {
  const limit = setTimeout(() => fail(`the bench took longer than ${LIMIT_MS / 60_000} minutes`), LIMIT_MS);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => fail(signal));
  const processes = await startProcesses(values.profile);
  const bench = { ...processes, runs: positive(values.runs), loadMs: positive(values.seconds) * 1000 };
  const figures: RowFigure[] = [];
  try {
    for (const { name, measure } of rows) {
      console.error(`${name} …`);
      figures.push(...(await measure(bench)).map((figure) => ({ row: name, ...figure })));
    }
  } finally {
    await processes.stop();
  }
  clearTimeout(limit);
  console.log(tableOf(figures));
  if (values.json) await writeFile(values.json, report(figures));
}

function selected(names: string | undefined): readonly Row[] {
  if (names === undefined) return ROWS;
  return names
    .split(",")
    .map((wanted) => ROWS.find(({ name }) => name === wanted) ?? fail(`no row "${wanted}"\n${USAGE}`));
}

function positive(text: string): number {
  const number = Number(text);
  return number > 0 ? number : fail(`"${text}" is not a number above 0\n${USAGE}`);
}

function report(figures: readonly RowFigure[]): string {
  const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
  const measured = figures.map((figure) => ({ ...figure, ratio: ratioOf(figure) }));
  return `${JSON.stringify({ time: new Date(), machine, figures: measured }, null, 2)}\n`;
}

/** Leaving ends the servers. */
function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
