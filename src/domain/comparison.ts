import type { PathConflict } from './answers/conflicts.ts';
import { type Addition, openCaseClashes } from './case-clashes.ts';
import type { Sha } from './sha.ts';

/** What a tree has at a path: a mode as git writes it, and an id. */
export type TreeEntry = { readonly mode: string; readonly id: string };

/** How trees differ from one and the same reference tree, folders too; the paths may be in any one spelling. */
export type Comparison = {
  /** A path in which the tree of a commit differs from the reference. */
  readonly note: (commit: Sha, path: string, reference: TreeEntry, here: TreeEntry) => void;
  /** What two sides with this merge base can have to do with each other. */
  readonly meeting: (mergeBase: Sha, one: Sha, other: Sha) => Meeting;
};

export type Meeting = {
  /**
   * Whether a merge can conflict at all: both sides do something to the same path (a rename does to its source and
   * its target; a file here may be a folder there), or one adds below a folder that the other moved away.
   */
  readonly canConflict: boolean;
  /** Whether both change a submodule: what a merge makes of that depends on the submodule's own repository. */
  readonly inSubmodule: boolean;
  /** What both add and the file system takes for one, where case does not count; git merges it cleanly. Sorted. */
  readonly alike: readonly PathConflict[];
};

/** An entry as a number: 0 for nothing, else that of its id, with the sort of thing in the lowest bits. */
type Cell = number;
const sorts: Readonly<Record<string, number>> = { '040000': 1, '100755': 2, '120000': 3, '160000': 4 };
const ordinary = 5;
const isFolder = (cell: Cell) => (cell & 7) === 1;
const isSubmodule = (cell: Cell) => (cell & 7) === 4;
const isLeaf = (cell: Cell) => cell !== 0 && !isFolder(cell);

type Changes = { readonly paths: number[]; readonly cells: Cell[] };

/** All cells of the paths that matter for more than one commit, one row for each; and what is in one commit only. */
type Table = {
  readonly shared: readonly number[];
  readonly rowOf: (commit: Sha) => Int32Array;
  /** Indexes in `shared` that are a folder in some trees and none in others. */
  readonly foldersThatGo: readonly number[];
  readonly own: ReadonlyMap<Sha, { readonly added: readonly string[]; readonly gone: readonly string[] }>;
};

/** Beyond these it takes less to merge than to compare. */
const mostCells = 50_000_000;

/**
 * Compares the trees of commits; `mergeBases` are those of them that are compared with. `ignoreCase`: names that
 * differ only in case are one file (`core.ignorecase`).
 */
export function openComparison(
  mergeBases: ReadonlySet<Sha>,
  { ignoreCase = false }: { readonly ignoreCase?: boolean } = {},
): Comparison {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const reference: Cell[] = [];
  const ids = new Map<string, number>();
  const changes = new Map<Sha, Changes>();
  let table: Table | undefined | 'too large';
  const clashes = openCaseClashes((mergeBase, commit) =>
    additionsOf(names, reference, changes.get(mergeBase), changes.get(commit)),
  );

  const cellOf = ({ mode, id }: TreeEntry): Cell => {
    if (mode === '000000') return 0;
    let number = ids.get(id);
    if (number === undefined) {
      number = ids.size + 1;
      ids.set(id, number);
    }
    return number * 8 + (sorts[mode] ?? ordinary);
  };

  return {
    note: (commit, path, there, here) => {
      let number = numbers.get(path);
      if (number === undefined) {
        number = names.length;
        numbers.set(path, number);
        names.push(path);
        reference.push(0);
      }
      // Where a folder became a file git tells two changes: one is gone, the other is new.
      reference[number] = cellOf(there) || (reference[number] ?? 0);
      let own = changes.get(commit);
      if (own === undefined) {
        own = { paths: [], cells: [] };
        changes.set(commit, own);
      }
      own.paths.push(number);
      own.cells.push(cellOf(here));
    },
    meeting: (mergeBase, one, other) => {
      table ??= tabulate(names, reference, changes, mergeBases);
      const alike = ignoreCase ? clashes(mergeBase, one, other) : [];
      if (table === 'too large') return { canConflict: true, inSubmodule: true, alike };
      const { rowOf } = table;
      const common = compareRows(rowOf(mergeBase), rowOf(one), rowOf(other));
      const canConflict =
        common.canConflict ||
        addsBelowGone(table, names, mergeBase, [one, other]) ||
        addsBelowGone(table, names, mergeBase, [other, one]);
      return { ...common, canConflict, alike };
    },
  };
}

/** What a commit has where the merge base has nothing; one without changes is as the reference. */
function additionsOf(
  names: readonly string[],
  reference: readonly Cell[],
  base: Changes | undefined,
  commit: Changes | undefined,
): readonly Addition[] {
  const [before, here] = [cellsIn(base), cellsIn(commit)];
  const added: Addition[] = [];
  for (const path of new Set([...before.keys(), ...here.keys()])) {
    const cell = here.get(path) ?? reference[path] ?? 0;
    const was = before.get(path) ?? reference[path] ?? 0;
    if (cell !== 0 && was === 0) added.push({ path: names[path] ?? '', isFolder: isFolder(cell) });
  }
  return added;
}

function cellsIn(changes: Changes | undefined): ReadonlyMap<number, Cell> {
  const cells = new Map<number, Cell>();
  for (const [index, path] of (changes?.paths ?? []).entries())
    cells.set(path, changes?.cells[index] || (cells.get(path) ?? 0));
  return cells;
}

function compareRows(
  base: Int32Array,
  one: Int32Array,
  other: Int32Array,
): Pick<Meeting, 'canConflict' | 'inSubmodule'> {
  let canConflict = false;
  for (let at = 0; at < base.length; at++) {
    const before = base[at] ?? 0;
    const [a, b] = [one[at] ?? 0, other[at] ?? 0];
    if (a === before || b === before) continue;
    if (!isLeaf(before) && !isLeaf(a) && !isLeaf(b)) continue; // what is inside decides
    // Both have changed it alike. An equal addition or deletion may be half of a rename that only one of them made.
    if (a === b && isLeaf(before) && isLeaf(a)) continue;
    if (isSubmodule(before) || isSubmodule(a) || isSubmodule(b))
      return { canConflict: true, inSubmodule: true };
    canConflict = true;
  }
  return { canConflict, inSubmodule: false };
}

/** Only a folder that is gone can git take for a renamed one, into which it then moves what the other side adds. */
function addsBelowGone(
  { shared, rowOf, foldersThatGo, own }: Table,
  names: readonly string[],
  mergeBase: Sha,
  [adding, removing]: readonly [Sha, Sha],
): boolean {
  const alone = own.get(removing)?.gone ?? [];
  if (alone.length === 0 && foldersThatGo.length === 0) return false;
  const gone = new Set(alone);
  const base = rowOf(mergeBase);
  const there = rowOf(removing);
  for (const at of foldersThatGo) {
    if (isFolder(base[at] ?? 0) && !isFolder(there[at] ?? 0)) gone.add(names[shared[at] ?? 0] ?? '');
  }
  if (gone.size === 0) return false;
  if (own.get(adding)?.added.some((path) => isBelow(path, gone))) return true;
  const here = rowOf(adding);
  return shared.some(
    (path, at) => isLeaf(here[at] ?? 0) && !isLeaf(base[at] ?? 0) && isBelow(names[path] ?? '', gone),
  );
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    if (folders.has(path.slice(0, at))) return true;
  }
  return false;
}

function tabulate(
  names: readonly string[],
  reference: readonly Cell[],
  changes: ReadonlyMap<Sha, Changes>,
  mergeBases: ReadonlySet<Sha>,
): Table | 'too large' {
  // A path in which one commit alone differs, from everything that it is compared with, meets nothing.
  const weight = new Uint8Array(names.length);
  for (const [commit, { paths }] of changes) {
    for (const path of paths)
      weight[path] = Math.min(2, (weight[path] ?? 0) + (mergeBases.has(commit) ? 2 : 1));
  }
  const shared = [...names.keys()].filter((path) => weight[path] === 2);
  if (shared.length * changes.size > mostCells) return 'too large';
  const places = new Int32Array(names.length).fill(-1);
  for (const [at, path] of shared.entries()) places[path] = at;
  const untouched = Int32Array.from(shared, (path) => reference[path] ?? 0);

  const rows = new Map<Sha, Int32Array>();
  const own = new Map<Sha, { added: string[]; gone: string[] }>();
  const sometimes = new Set<number>();
  for (const [commit, { paths, cells }] of changes) {
    const row = untouched.slice();
    const alone = { added: [] as string[], gone: [] as string[] };
    for (const [index, path] of paths.entries()) {
      const cell = cells[index] ?? 0;
      const before = reference[path] ?? 0;
      const at = places[path] ?? -1;
      if (at !== -1) {
        if (cell !== 0 || row[at] === before) row[at] = cell;
        if (isFolder(cell) !== isFolder(before)) sometimes.add(at);
      } else {
        if (isLeaf(cell) && !isLeaf(before)) alone.added.push(names[path] ?? '');
        if (isFolder(before) && !isFolder(cell)) alone.gone.push(names[path] ?? '');
      }
    }
    rows.set(commit, row);
    own.set(commit, alone);
  }
  const foldersThatGo = [...sometimes];
  const staysWhole = foldersThatGo.length === 0 && [...own.values()].every(({ gone }) => gone.length === 0);
  const columns = staysWhole ? differentColumns(untouched, rows) : undefined;
  const reduced = (row: Int32Array) =>
    columns === undefined ? row : Int32Array.from(columns, (at) => row[at] ?? 0);
  const plain = reduced(untouched);
  for (const [commit, row] of rows) rows.set(commit, reduced(row));
  return { shared, rowOf: (commit) => rows.get(commit) ?? plain, foldersThatGo, own };
}

/**
 * One of each sort of column. Paths that the same commits changed alike meet alike: what each holds does not matter,
 * only what is equal to what, and of which sort it is. Most are of a few sorts, since a commit changes many.
 */
function differentColumns(untouched: Int32Array, rows: ReadonlyMap<Sha, Int32Array>): readonly number[] {
  const patterns = Array.from(untouched, (cell) => sortOf(cell));
  const seen = Array.from(untouched, (cell) => [cell]);
  let row = 0;
  for (const cells of rows.values()) {
    row += 1;
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at] ?? 0;
      if (cell === untouched[at]) continue;
      const values = seen[at] ?? [];
      let value = values.indexOf(cell);
      if (value === -1) value = values.push(cell) - 1;
      patterns[at] += ` ${row}:${value}${sortOf(cell)}`;
    }
  }
  const first = new Map<string, number>();
  for (const [at, pattern] of patterns.entries()) if (!first.has(pattern)) first.set(pattern, at);
  return [...first.values()];
}

const sortOf = (cell: Cell): string => (cell === 0 ? '-' : 'dxlsf'[(cell & 7) - 1]) ?? 'f';
