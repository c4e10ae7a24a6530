import { plainText } from '../tracker/plain.ts';

/** Two texts as people count: runs of digits by their value. */
export function compareIds(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left = '', right = ''] = [a[at], b[at]];
    if (left === right) continue;
    const areNumbers = /^\d/.test(left) && /^\d/.test(right);
    const difference = areNumbers ? compareNumbers(left, right) : 0;
    if (difference !== 0) return difference;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

const partsOf = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];

/** By value; numbers of any length. */
function compareNumbers(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+(?=\d)/, ''), other.replace(/^0+(?=\d)/, '')];
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a table counts up or down, by its first cells; up where nothing tells. */
export function directionOf(columns: readonly (readonly string[])[]): 1 | -1 {
  let up = 0;
  for (const cells of columns) {
    const ids = cells.map(plainText);
    for (let at = 1; at < ids.length; at++) up += Math.sign(compareIds(ids[at] ?? '', ids[at - 1] ?? ''));
  }
  return up < 0 ? -1 : 1;
}

/**
 * Two runs of new rows as one, by id: where all have a number in their first cell and each run counts in the
 * direction of the table. Else ours stand before theirs; each run keeps its order either way.
 */
export function mergeRuns<T>(
  ours: readonly T[],
  theirs: readonly T[],
  { idOf, direction }: { readonly idOf: (value: T) => string; readonly direction: 1 | -1 },
): readonly T[] {
  const [a, b] = [ours, theirs].map((run) => run.map((value) => ({ value, id: plainText(idOf(value)) })));
  if (a === undefined || b === undefined) return [];
  const isRanked = (run: typeof a) =>
    run.every(
      ({ id }, at) => /\d/.test(id) && (at === 0 || compareIds(run[at - 1]?.id ?? '', id) * direction <= 0),
    );
  if (!isRanked(a) || !isRanked(b)) return [...ours, ...theirs];
  const merged: T[] = [];
  let at = 0;
  for (const { value, id } of b) {
    for (let next = a[at]; next !== undefined && compareIds(next.id, id) * direction <= 0; next = a[++at])
      merged.push(next.value);
    merged.push(value);
  }
  return [...merged, ...a.slice(at).map(({ value }) => value)];
}
