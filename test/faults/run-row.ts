import { setTimeout as sleep } from "node:timers/promises";
import { type RunningLarder, repositoryUrl } from "../clients/larder.ts";
import { type Answer, ask } from "./ask.ts";
import type { Want } from "./fault-table.ts";
import type { SiteObject } from "./hostile-site.ts";
import type { MatrixRow } from "./matrix-rows.ts";
import { eventsOf } from "./repository-events.ts";
import type { RowUpstream } from "./row-upstream.ts";

const RECOVERY_LIMIT_MS = 30_000;
const POLL_MS = 100;

/** Runs one row against its repository. @returns what was not as it should be, in words. */
export async function runRow(
  larder: RunningLarder,
  repositoryId: string,
  row: MatrixRow,
  upstream: RowUpstream,
  random: () => number,
): Promise<string[]> {
  const { object } = upstream;
  const get = (asked: Pick<SiteObject, "path" | "headers"> = object) =>
    ask(`${repositoryUrl(larder, repositoryId)}${asked.path}`, asked.headers);
  const problems: string[] = [];
  const check = (holds: boolean, problem: string) => void (holds || problems.push(problem));

  if (object.announcedBy !== undefined && row.object !== "unannounced") {
    const { status } = await get({ path: object.announcedBy, headers: {} });
    check(status === 200, `the announcing document was ${status}`);
  }
  const old = row.kept ? await get() : undefined;
  if (old) check(isWhole(old) && object.isRight(old.body), `before the fault: ${describe(old)}`);
  if (row.kept && row.want !== "HIT") object.change();
  await upstream.misbehave(random);

  const answer = await get();
  check(isWanted(answer, row.want), `wanted ${row.want}, got ${describe(answer)}`);
  for (const each of [answer, await get()]) {
    const isTold = row.fault.definite && !row.kept && each.status === 404;
    const problem = isTold ? undefined : wrongIn(each, old?.body, object);
    check(problem === undefined, `${problem}: ${describe(each)}`);
  }
  const { event } = row;
  if (event) {
    const types = await eventsOf(larder, repositoryId);
    check(types.includes(event), `no event ${event}: ${types}`);
  }

  if (row.fault.recovers === false) return problems;
  await upstream.recover();
  const healed = await settled(get, object);
  check(isWhole(healed) && object.isRight(healed.body), `after the recovery: ${describe(healed)}`);
  return problems;
}

/** What no client may ever get. */
function wrongIn(answer: Answer, old: Buffer | undefined, object: SiteObject): string | undefined {
  const { status, complete, body, headers } = answer;
  if (status >= 500) {
    const seconds = Number(headers["retry-after"]);
    return Number.isInteger(seconds) && seconds >= 1 && seconds <= 3_600 ? undefined : "an error without Retry-After";
  }
  if (status !== 200) return "neither an answer nor a transient error";
  if (!complete || old?.equals(body) || object.isRight(body)) return undefined;
  return "a complete answer with wrong bytes";
}

function isWanted(answer: Answer, want: Want): boolean {
  if (typeof want === "number") return answer.status === want && answer.complete;
  if (want === "none") return answer.status >= 500 || (answer.status === 200 && !answer.complete);
  return isWhole(answer) && answer.headers["x-cache"] === want;
}

function isWhole({ status, complete }: Answer): boolean {
  return status === 200 && complete;
}

/** Asks until the answer is a right one, as a client would that is told to come back. */
async function settled(get: () => Promise<Answer>, object: SiteObject): Promise<Answer> {
  const deadlineMs = Date.now() + RECOVERY_LIMIT_MS;
  while (true) {
    const answer = await get();
    if ((isWhole(answer) && object.isRight(answer.body)) || Date.now() > deadlineMs) return answer;
    await sleep(POLL_MS);
  }
}

function describe({ status, headers, body, complete }: Answer): string {
  const text = status === 200 ? `${body.length} bytes` : body.toString().slice(0, 200);
  return `${status} ${headers["x-cache"]} ${complete ? "" : "(cut) "}${headers["cache-status"]} ${text}`;
}
