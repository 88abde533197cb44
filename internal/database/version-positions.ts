/**
 * Gives each version a position that is greater than those of older ones, and leaves as many as it can where they are: a new newest version
 * moves none. `versions` are newest first.
 */
export function assignPositions(
  versions: readonly string[],
  stored: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  let last = 0;
  for (const version of versions.toReversed()) {
    const before = stored.get(version);
    last = before !== undefined && before > last ? before : last + 1;
    positions.set(version, last);
  }
  return positions;
}
