import type { Command } from "commander";
import { type MirrorStats, MirrorStatsSchema, type UpstreamStats } from "#gen/larder/v1/mirror_service_pb.ts";
import { countText, sizeText, timeText } from "./amounts.ts";
import type { Session } from "./session.ts";
import { type Column, fieldLines, tableLines } from "./table.ts";
import type { Layout } from "./terminal.ts";

const UPSTREAM_COLUMNS: readonly Column<UpstreamStats>[] = [
  { title: "UPSTREAM", cell: ({ origin }) => origin, elastic: true },
  { title: "CLASS", cell: ({ pathClass }) => pathClass },
  { title: "BREAKER", cell: ({ breaker }) => breaker },
  { title: "REQUESTS", cell: ({ requests }) => countText(requests), align: "right" },
  { title: "FAILURES", cell: ({ failures }) => countText(failures), align: "right" },
];

const VERDICT_COLUMNS: readonly Column<[string, bigint]>[] = [
  { title: "VERDICT", cell: ([verdict]) => verdict },
  { title: "ANSWERS", cell: ([, count]) => countText(count), align: "right" },
];

/** `larder stats`. */
export function addStatsCommand(program: Command, session: Session): void {
  program
    .command("stats")
    .description("cache, answers and upstreams of a mirror since its start")
    .action(async () => {
      const stats = await session.mirror.getMirrorStats({});
      session.output.answer(MirrorStatsSchema, stats, describeStats);
    });
}

function describeStats(stats: MirrorStats, layout: Layout): string[] {
  const { bytes, maxBytes, verdicts, upstreams } = stats;
  const share =
    maxBytes > 0n ? ` of ${sizeText(maxBytes)} (${((100 * Number(bytes)) / Number(maxBytes)).toFixed(1)} %)` : "";
  const fields = fieldLines(
    [
      ["started", timeText(stats.startTime, layout.nowMs)],
      ["entries", countText(stats.entries)],
      ["bodies", countText(stats.blobs)],
      ["size", `${sizeText(bytes)}${share}`],
      ["evicted entries", countText(stats.evictedEntries)],
      ["fetches under way", countText(stats.flights)],
    ],
    layout,
  );
  const answers = Object.entries(verdicts);
  return [
    ...fields,
    ...(answers.length > 0 ? ["", ...tableLines(VERDICT_COLUMNS, answers, layout)] : []),
    ...(upstreams.length > 0 ? ["", ...tableLines(UPSTREAM_COLUMNS, upstreams, layout)] : []),
  ];
}
