/** Edits between two words: insertions, deletions, replacements, and swaps of neighbours. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        at(above, column) + 1,
        at(line, column - 1) + 1,
        at(above, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, at(before, column - 2) + 1);
      line.push(edits);
    }
    before = above;
    above = line;
  }
  return at(above, b.length);
}

const at = (row: readonly number[], column: number) => row[column] ?? Number.POSITIVE_INFINITY;

// A name is compared up to here: longer ones are no typing mistakes, and the cost grows with the square.
const longest = 200;

/**
 * What a person may have meant by `name`, best first: candidates within a third of their length in edits,
 * then those that contain it. Upper and lower case count as the same.
 */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase().slice(0, longest);
  if (wanted === '') return [];
  const ranked: { candidate: string; rank: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const other = candidate.toLowerCase().slice(0, longest);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3));
    const edits =
      Math.abs(wanted.length - other.length) > allowed ? Number.POSITIVE_INFINITY : distance(wanted, other);
    if (edits <= allowed && edits < Math.max(wanted.length, other.length))
      ranked.push({ candidate, rank: edits });
    else if (wanted.length >= 3 && other.includes(wanted)) ranked.push({ candidate, rank: longest });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
