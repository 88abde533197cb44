/** " (did you mean X?)", or nothing. */
export function suggestion(wrong: string, names: Iterable<string>): string {
  const name = nearestName(wrong, names);
  return name === undefined ? "" : ` (did you mean ${name}?)`;
}

/** The name that was probably meant, undefined when none is near. */
function nearestName(wrong: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(wrong.length / 4)) + 1;
  for (const name of names) {
    const distance = editDistance(wrong.toLowerCase().slice(0, 80), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** Levenshtein, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let line = 1; line <= left.length; line++) {
    const next = [line];
    for (let column = 1; column <= right.length; column++) {
      const replace = (row[column - 1] ?? 0) + (left[line - 1] === right[column - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
