import type { ComparisonPlan } from './comparison-plan.ts';
import type { Sha } from './sha.ts';

/** An entry as a number: 0 for nothing, else that of its id, with the sort of thing in the lowest bits. */
export type Cell = number;
const sorts: Readonly<Record<string, number>> = { '040000': 1, '100755': 2, '120000': 3, '160000': 4 };
const ordinary = 5;
/** An entry of a tree as a cell; `number` stands for its id. */
export const cellOfEntry = (number: number, mode: string): Cell => number * 8 + (sorts[mode] ?? ordinary);

export const isFolder = (cell: Cell) => (cell & 7) === 1;
export const isSubmodule = (cell: Cell) => (cell & 7) === 4;
export const isLeaf = (cell: Cell) => cell !== 0 && !isFolder(cell);

/** The paths in which a commit differs from what it is compared with, by number, and what it has there. */
export type Changes = { readonly paths: number[]; readonly cells: Cell[] };

/** What a commit has in each column, and where it differs from the reference. */
export type Row = {
  readonly cells: Int32Array;
  /** A bit for each column. */
  readonly changed: Int32Array;
  /** The columns in which it differs from what it is compared with, and what that is. */
  readonly own: readonly number[];
  readonly from: Sha | undefined;
  /** A bit for each stretch of `stretch` words of those, of which any is set. */
  stretches: number;
};

/** The paths that matter for more than one commit, a column for each; and what is in one commit only. */
export type Table = {
  readonly shared: readonly number[];
  /** How many words of bits a stretch has: there are 32 at most. */
  readonly stretch: number;
  readonly rowOf: (commit: Sha) => Row;
  /** Columns that are a folder in some trees and none in others. */
  readonly foldersThatGo: readonly number[];
  /** Whether a folder of the one is none of the other at all. */
  readonly losesFolders: boolean;
  readonly own: ReadonlyMap<Sha, { readonly added: readonly string[]; readonly gone: readonly string[] }>;
};

const nothing: Changes = { paths: [], cells: [] };

/** Beyond these it takes less to merge than to compare. */
const mostCells = 50_000_000;

/** Tables what each of the commits has. */
export function tabulate(
  names: readonly string[],
  reference: readonly Cell[],
  changes: ReadonlyMap<Sha, Changes>,
  { steps, mergeBases }: ComparisonPlan,
): Table | 'too large' {
  // A path in which one commit alone differs from everything else meets nothing.
  const weight = new Uint8Array(names.length);
  for (const [commit, { paths }] of changes) {
    const own = mergeBases.has(commit) ? 2 : 1;
    for (const path of paths) weight[path] = Math.min(2, (weight[path] ?? 0) + own);
  }
  const shared: number[] = [];
  const columns = new Int32Array(names.length).fill(-1);
  for (let path = 0; path < names.length; path++) {
    if (weight[path] !== 2) continue;
    columns[path] = shared.length;
    shared.push(path);
  }
  if (shared.length * steps.length > mostCells) return 'too large';

  const words = Math.ceil(shared.length / 32);
  const stretch = Math.max(1, Math.ceil(words / 32));
  const untouched: Row = {
    cells: Int32Array.from(shared, (path) => reference[path] ?? 0),
    changed: new Int32Array(words),
    own: [],
    from: undefined,
    stretches: 0,
  };
  const rows = new Map<Sha, Row>();
  const own = new Map<Sha, { added: string[]; gone: string[] }>();
  const sometimes = new Set<number>();
  for (const { commit, from } of steps) {
    const { cells: beforeAll, changed, stretches } = rows.get(from) ?? untouched;
    const touched: number[] = [];
    const row: Row = { cells: beforeAll.slice(), changed: changed.slice(), own: touched, from, stretches };
    const { paths, cells } = changes.get(commit) ?? nothing;
    const alone = { added: [] as string[], gone: [] as string[] };
    for (let index = 0; index < paths.length; index++) {
      const path = paths[index] ?? 0;
      const cell = cells[index] ?? 0;
      const there = reference[path] ?? 0;
      const at = columns[path] ?? -1;
      if (at !== -1) {
        // Of a folder that became a file the file counts, in whichever order they are told.
        if (cell !== 0 || row.cells[at] === beforeAll[at]) row.cells[at] = cell;
        touched.push(at);
        const word = at >> 5;
        const bit = 1 << (at & 31);
        row.changed[word] =
          row.cells[at] === there ? (row.changed[word] ?? 0) & ~bit : (row.changed[word] ?? 0) | bit;
        row.stretches |= 1 << Math.floor(word / stretch);
        if (isFolder(cell) !== isFolder(there)) sometimes.add(at);
      } else {
        if (isLeaf(cell) && !isLeaf(there)) alone.added.push(names[path] ?? '');
        if (isFolder(there) && !isFolder(cell)) alone.gone.push(names[path] ?? '');
      }
    }
    rows.set(commit, row);
    own.set(commit, alone);
  }
  const losesFolders = sometimes.size > 0 || [...own.values()].some(({ gone }) => gone.length > 0);
  const rowOf = (commit: Sha) => rows.get(commit) ?? untouched;
  return { shared, stretch, rowOf, foldersThatGo: [...sometimes], losesFolders, own };
}
