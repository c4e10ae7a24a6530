/** Which element of `to` each element of `from` is, in the same order; -1 for those that are gone. */
export type Match = readonly number[];

// Beyond this many comparisons a stretch without lines of its own counts as replaced.
const mostCells = 4_000_000;

/** Aligns two sequences: first by what is in both exactly once (patience), between that by the longest common sequence. */
export function align(from: readonly string[], to: readonly string[]): Match {
  const match = new Array<number>(from.length).fill(-1);
  const stretches = [{ a: 0, aEnd: from.length, b: 0, bEnd: to.length }];
  for (let next = stretches.pop(); next !== undefined; next = stretches.pop()) {
    let { a, aEnd, b, bEnd } = next;
    while (a < aEnd && b < bEnd && from[a] === to[b]) match[a++] = b++;
    while (a < aEnd && b < bEnd && from[aEnd - 1] === to[bEnd - 1]) match[--aEnd] = --bEnd;
    if (a === aEnd || b === bEnd) continue;
    const anchors = uniqueAnchors(from, to, { a, aEnd, b, bEnd });
    if (anchors.length === 0) {
      longest(from, to, { a, aEnd, b, bEnd }, match);
      continue;
    }
    for (const [at, to] of anchors) {
      match[at] = to;
      stretches.push({ a, aEnd: at, b, bEnd: to });
      [a, b] = [at + 1, to + 1];
    }
    stretches.push({ a, aEnd, b, bEnd });
  }
  return match;
}

type Stretch = { readonly a: number; readonly aEnd: number; readonly b: number; readonly bEnd: number };

/** Pairs of what stands once in both, as far as they have the same order. */
function uniqueAnchors(
  from: readonly string[],
  to: readonly string[],
  { a, aEnd, b, bEnd }: Stretch,
): (readonly [number, number])[] {
  const inFrom = onlyOnce(from, a, aEnd);
  const inTo = onlyOnce(to, b, bEnd);
  const pairs: (readonly [number, number])[] = [];
  for (const [value, at] of inFrom) {
    const other = inTo.get(value);
    if (at !== -1 && other !== undefined && other !== -1) pairs.push([at, other]);
  }
  return increasing(pairs);
}

function onlyOnce(values: readonly string[], start: number, end: number): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = start; at < end; at++) {
    const value = values[at] ?? '';
    places.set(value, places.has(value) ? -1 : at);
  }
  return places;
}

/** The longest part of pairs, which are sorted by their first, in which the second increases too. */
function increasing(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = [];
  const previous = new Array<number>(pairs.length).fill(-1);
  for (const [index, [, value]] of pairs.entries()) {
    let low = 0;
    for (let high = tails.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] ?? 0]?.[1] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = tails[low - 1] ?? -1;
    tails[low] = index;
  }
  const found: (readonly [number, number])[] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = previous[at] ?? -1) {
    const pair = pairs[at];
    if (pair !== undefined) found.push(pair);
  }
  return found.reverse();
}

function longest(
  from: readonly string[],
  to: readonly string[],
  { a, aEnd, b, bEnd }: Stretch,
  match: number[],
): void {
  const [rows, columns] = [aEnd - a, bEnd - b];
  if (rows * columns > mostCells) return;
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const length = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row--)
    for (let column = columns - 1; column >= 0; column--)
      lengths[row * width + column] =
        from[a + row] === to[b + column]
          ? length(row + 1, column + 1) + 1
          : Math.max(length(row + 1, column), length(row, column + 1));
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    if (from[a + row] === to[b + column]) match[a + row++] = b + column++;
    else if (length(row + 1, column) >= length(row, column + 1)) row++;
    else column++;
  }
}
