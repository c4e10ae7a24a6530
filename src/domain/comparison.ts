import type { PathConflict } from './answers/conflicts.ts';
import { openCaseClashes } from './case-clashes.ts';
import { openAdditions } from './comparison-additions.ts';
import type { ComparisonPlan } from './comparison-plan.ts';
import {
  type Cell,
  type Changes,
  cellOfEntry,
  isFolder,
  isLeaf,
  isSubmodule,
  type Row,
  type Table,
  tabulate,
} from './comparison-table.ts';
import type { Sha } from './sha.ts';

/** What a tree has at a path: a mode as git writes it, and an id. */
export type TreeEntry = { readonly mode: string; readonly id: string };

/** How trees differ, folders too; the paths may be in any one spelling. */
export type Comparison = {
  /** A path in which the tree of a commit differs from what it is compared with; in the order of the plan. */
  readonly note: (commit: Sha, path: string, before: TreeEntry, here: TreeEntry) => void;
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

/** Compares the trees of commits. `ignoreCase`: names that differ only in case are one file (`core.ignorecase`). */
export function openComparison(
  plan: ComparisonPlan,
  { ignoreCase = false }: { readonly ignoreCase?: boolean } = {},
): Comparison {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  const reference: Cell[] = [];
  /** The commit that a path was first noted of: nothing before it differs there from the reference. */
  const firstIn: Sha[] = [];
  const ids = new Map<string, number>();
  const changes = new Map<Sha, Changes>();
  let table: Table | undefined | 'too large';
  const clashes = openCaseClashes(openAdditions(plan, { names, reference, changes }));

  const cellOf = ({ mode, id }: TreeEntry): Cell => {
    if (mode === '000000') return 0;
    let number = ids.get(id);
    if (number === undefined) {
      number = ids.size + 1;
      ids.set(id, number);
    }
    return cellOfEntry(number, mode);
  };

  return {
    note: (commit, path, before, here) => {
      let number = numbers.get(path);
      if (number === undefined) {
        number = names.length;
        numbers.set(path, number);
        names.push(path);
        reference.push(0);
        firstIn.push(commit);
      }
      // Where a folder became a file git tells two changes: one is gone, the other is new.
      if (firstIn[number] === commit) reference[number] = cellOf(before) || (reference[number] ?? 0);
      let own = changes.get(commit);
      if (own === undefined) {
        own = { paths: [], cells: [] };
        changes.set(commit, own);
      }
      own.paths.push(number);
      own.cells.push(cellOf(here));
    },
    meeting: (mergeBase, one, other) => {
      table ??= tabulate(names, reference, changes, plan);
      const alike = ignoreCase ? clashes(mergeBase, one, other) : [];
      if (table === 'too large') return { canConflict: true, inSubmodule: true, alike };
      const common = compareRows(table, mergeBase, [one, other]);
      const canConflict =
        common.canConflict ||
        (table.losesFolders &&
          (addsBelowGone(table, names, mergeBase, [one, other]) ||
            addsBelowGone(table, names, mergeBase, [other, one])));
      return { ...common, canConflict, alike };
    },
  };
}

type RowMeeting = Pick<Meeting, 'canConflict' | 'inSubmodule'>;

/** Where one side is compared with the merge base itself, only what it differs in can matter. */
function compareRows({ rowOf, stretch }: Table, mergeBase: Sha, sides: readonly [Sha, Sha]): RowMeeting {
  if (sides.includes(mergeBase)) return { canConflict: false, inSubmodule: false };
  const [base, one, other] = [rowOf(mergeBase), rowOf(sides[0]), rowOf(sides[1])];
  const next = [one, other].find(({ from }) => from === mergeBase);
  let canConflict = false;
  for (const at of next?.own ?? columnsOf(base, one, other, stretch)) {
    const meeting = meetingOf(base.cells[at] ?? 0, one.cells[at] ?? 0, other.cells[at] ?? 0);
    if (meeting === 'in a submodule') return { canConflict: true, inSubmodule: true };
    if (meeting === 'collision') canConflict = true;
  }
  return { canConflict, inSubmodule: false };
}

/** The columns in which both sides differ from the reference, or the base does: in no other do both differ from it. */
function* columnsOf(base: Row, one: Row, other: Row, stretch: number): Iterable<number> {
  let stretches = (one.stretches & other.stretches) | base.stretches;
  for (; stretches !== 0; stretches &= stretches - 1) {
    const first = lowest(stretches) * stretch;
    for (let word = first; word < first + stretch; word++) {
      let bits = ((one.changed[word] ?? 0) & (other.changed[word] ?? 0)) | (base.changed[word] ?? 0);
      for (; bits !== 0; bits &= bits - 1) yield word * 32 + lowest(bits);
    }
  }
}

/** The number of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

function meetingOf(before: Cell, a: Cell, b: Cell): 'nothing' | 'collision' | 'in a submodule' {
  if (a === before || b === before) return 'nothing';
  if (!isLeaf(before) && !isLeaf(a) && !isLeaf(b)) return 'nothing'; // what is inside decides
  // Both have changed it alike. An equal addition or deletion may be half of a rename that only one of them made.
  if (a === b && isLeaf(before) && isLeaf(a)) return 'nothing';
  return isSubmodule(before) || isSubmodule(a) || isSubmodule(b) ? 'in a submodule' : 'collision';
}

/** Only a folder that is gone can git take for a renamed one, into which it then moves what the other side adds. */
function addsBelowGone(
  { shared, rowOf, foldersThatGo, own }: Table,
  names: readonly string[],
  mergeBase: Sha,
  [adding, removing]: readonly [Sha, Sha],
): boolean {
  const alone = own.get(removing)?.gone ?? [];
  const gone = new Set(alone);
  const base = rowOf(mergeBase).cells;
  const there = rowOf(removing).cells;
  for (const at of foldersThatGo) {
    if (isFolder(base[at] ?? 0) && !isFolder(there[at] ?? 0)) gone.add(names[shared[at] ?? 0] ?? '');
  }
  if (gone.size === 0) return false;
  if (own.get(adding)?.added.some((path) => isBelow(path, gone))) return true;
  const here = rowOf(adding).cells;
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
