import { request } from "undici";
import type { LarderProcess } from "./processes.ts";

/** Event-loop delay of a Larder since it was last asked for; an idle loop has about 11 ms, since it is looked at every 10. */
export async function eventLoopP99Ms({ adminUrl }: LarderProcess): Promise<number> {
  const { body } = await request(`${adminUrl}/metrics`);
  const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(await body.text())?.[1];
  if (seconds === undefined) throw new Error("the metrics have no event-loop delay");
  return Number(seconds) * 1000;
}
