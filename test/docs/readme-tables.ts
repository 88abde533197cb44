import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { configurationTable } from "#internal/config/flags.ts";
import { formats } from "#internal/format/formats.ts";

/** `npm run docs`: writes the tables of README.md that the code itself knows. Its test fails when they are out of date. */
const README = resolve(import.meta.dirname, "../../README.md");

/** The formats as a Markdown table. */
function formatTable(): string {
  const rows = [...formats.values()].map(
    ({ id, label, clients, index }) => `| \`${id}\` | ${label} | ${clients.join(", ")} | ${index ? "yes" : "no"} |`,
  );
  return ["| format | registry | clients | whole index |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

/** README.md with the tables as they should be. */
export function refreshedReadme(readme: string): string {
  return place(place(readme, "formats", formatTable()), "configuration", configurationTable());
}

function place(text: string, name: string, table: string): string {
  const begin = `<!-- ${name} -->\n`;
  const end = `<!-- /${name} -->`;
  const start = text.indexOf(begin) + begin.length;
  return `${text.slice(0, start)}${table}${text.slice(text.indexOf(end, start))}`;
}

if (import.meta.main) writeFileSync(README, refreshedReadme(readFileSync(README, "utf8")));
