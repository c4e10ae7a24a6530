import type { Addition } from './case-clashes.ts';
import type { ComparisonPlan } from './comparison-plan.ts';
import { type Cell, type Changes, isFolder } from './comparison-table.ts';
import type { Sha } from './sha.ts';

/** Gives what a commit has where a merge base has nothing. */
export function openAdditions(
  plan: ComparisonPlan,
  {
    names,
    reference,
    changes,
  }: {
    readonly names: readonly string[];
    readonly reference: readonly Cell[];
    readonly changes: ReadonlyMap<Sha, Changes>;
  },
): (mergeBase: Sha, commit: Sha) => readonly Addition[] {
  const cellsAt = openCells(plan, changes);
  return (mergeBase, commit) => {
    const [before, here] = [cellsAt(mergeBase), cellsAt(commit)];
    const added: Addition[] = [];
    for (const path of new Set([...before.keys(), ...here.keys()])) {
      const cell = here.get(path) ?? reference[path] ?? 0;
      const was = before.get(path) ?? reference[path] ?? 0;
      if (cell !== 0 && was === 0) added.push({ path: names[path] ?? '', isFolder: isFolder(cell) });
    }
    return added;
  };
}

/** What a commit has in each path in which anything on the way from the reference to it differs. */
function openCells({ reference, steps }: ComparisonPlan, changes: ReadonlyMap<Sha, Changes>) {
  const known = new Map<Sha, ReadonlyMap<number, Cell>>([[reference, new Map()]]);
  return (commit: Sha): ReadonlyMap<number, Cell> => {
    if (known.size === 1)
      for (const step of steps)
        known.set(
          step.commit,
          new Map([...(known.get(step.from) ?? []), ...cellsIn(changes.get(step.commit))]),
        );
    return known.get(commit) ?? new Map();
  };
}

function cellsIn(changes: Changes | undefined): ReadonlyMap<number, Cell> {
  const cells = new Map<number, Cell>();
  for (const [index, path] of (changes?.paths ?? []).entries())
    cells.set(path, changes?.cells[index] || (cells.get(path) ?? 0));
  return cells;
}
