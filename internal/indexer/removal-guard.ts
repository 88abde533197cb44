/** What a run would do to the catalogue. */
export interface RemovalPlan {
  /** Versions that the catalogue lists now. */
  readonly listed: number;
  /** Of these, versions that the index lists no more. */
  readonly removed: number;
  /** Versions that the index lists. */
  readonly indexed: number;
}

/** Fewer are no catalogue whose loss would be noticed too late. */
const MIN_LISTED = 10;
const MAX_SHARE = 0.5;

/** Why the run must not go on: an index that lost most of its content is more often broken than meant. Undefined: it may. */
export function causeToHold({ listed, removed, indexed }: RemovalPlan): string | undefined {
  const leavesNothing = indexed === 0 && listed > 0 && removed === listed;
  const removesMost = listed >= MIN_LISTED && removed > listed * MAX_SHARE;
  if (!leavesNothing && !removesMost) return undefined;
  return `the index lists ${removed} of ${listed} known versions no more; nothing was changed, as that is more likely a fault of the upstream`;
}
