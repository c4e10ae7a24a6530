import type { PathConflict } from './answers/conflicts.ts';
import type { Sha } from './sha.ts';

/** A file or a folder that a side adds. */
export type Addition = { readonly path: string; readonly isFolder: boolean };

/** What a side adds, by its name in lower case. */
type Additions = ReadonlyMap<string, readonly Addition[]>;

/** What both sides add that the file system takes for one; `added` is what a commit adds to a merge base. */
export function openCaseClashes(added: (mergeBase: Sha, commit: Sha) => readonly Addition[]) {
  const known = new Map<string, Additions>();
  const sideOf = (mergeBase: Sha, commit: Sha): Additions => {
    const key = `${mergeBase} ${commit}`;
    const found = known.get(key) ?? byFoldedName(added(mergeBase, commit));
    known.set(key, found);
    return found;
  };
  return (mergeBase: Sha, one: Sha, other: Sha): readonly PathConflict[] =>
    clashesOf(sideOf(mergeBase, one), sideOf(mergeBase, other));
}

function byFoldedName(all: readonly Addition[]): Additions {
  const found = new Map<string, Addition[]>();
  for (const each of all) {
    const name = each.path.toLowerCase();
    const known = found.get(name);
    if (known === undefined) found.set(name, [each]);
    else known.push(each);
  }
  return found;
}

/**
 * What two sides add under names that differ only in case, each spelling for itself and sorted: of two folders what
 * is in them decides, anything else takes the other's place where case does not count.
 */
function clashesOf(one: Additions, other: Additions): readonly PathConflict[] {
  const clashes = new Map<string, PathConflict>();
  for (const [name, mine] of one) {
    for (const theirs of other.get(name) ?? []) {
      for (const own of mine) {
        if (own.path === theirs.path || (own.isFolder && theirs.isFolder)) continue;
        const kind = own.isFolder || theirs.isFolder ? 'location' : 'add_add';
        for (const { path } of [own, theirs]) clashes.set(path, { path, kind });
      }
    }
  }
  return sortedByPath([...clashes.values()]);
}

/** Conflicts with further ones, each path once. */
export function withClashes(
  conflicts: readonly PathConflict[],
  clashes: readonly PathConflict[],
): readonly PathConflict[] {
  if (clashes.length === 0) return conflicts;
  const all = new Map([...clashes, ...conflicts].map((conflict) => [conflict.path, conflict]));
  return sortedByPath([...all.values()]);
}

/** The other spelling of a path among conflicts; `undefined` where there is none. */
export const otherSpelling = (path: string, all: readonly PathConflict[]): string | undefined =>
  all.find((other) => other.path !== path && other.path.toLowerCase() === path.toLowerCase())?.path;

const sortedByPath = (all: PathConflict[]) => all.sort((a, b) => (a.path < b.path ? -1 : 1));
