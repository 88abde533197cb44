import type { Lookup } from "./pinned-connector.ts";

/** Shorter than any record's time to live that matters, longer than the burst of connections that an install makes. */
const REMEMBERED_MS = 5_000;
const MOST_NAMES = 1_000;

/**
 * One resolution of a name at a time, and its answer for a moment: the system's resolver takes a thread of the pool that writes files, and a
 * hundred connections at once would wait for a hundred of them. Failures are not remembered.
 */
export function sharing(lookup: Lookup, nowMs: () => number): Lookup {
  const known = new Map<string, { readonly addresses: ReturnType<Lookup>; readonly untilMs: number }>();
  return (hostname) => {
    const current = known.get(hostname);
    if (current && current.untilMs > nowMs()) return current.addresses;
    if (known.size >= MOST_NAMES) known.clear();
    const addresses = lookup(hostname);
    known.set(hostname, { addresses, untilMs: nowMs() + REMEMBERED_MS });
    addresses.catch(() => {
      if (known.get(hostname)?.addresses === addresses) known.delete(hostname);
    });
    return addresses;
  };
}
