const LEAST_SECONDS = 1;
const MOST_SECONDS = 3_600;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Seconds to wait, from 1 s to 1 h whatever the upstream says. Undefined when the header is absent or unreadable.
 * @param date the answer's Date header: a date to wait for is read by the upstream's own clock, which may be wrong
 */
export function retryAfterSeconds(retryAfter: string | undefined, date: string | undefined): number | undefined {
  const text = retryAfter?.trim() ?? "";
  const seconds = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : secondsUntil(text, date);
  if (seconds === undefined || Number.isNaN(seconds)) return undefined;
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, Math.ceil(seconds)));
}

function secondsUntil(text: string, date: string | undefined): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined;
  const nowMs = date !== undefined && HTTP_DATE.test(date) ? Date.parse(date) : Date.now();
  return (Date.parse(text) - nowMs) / 1_000;
}
