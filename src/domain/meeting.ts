import { isFolder, isLeaf, isSubmodule, type TreeDelta } from './tree-delta.ts';

/** What one side of a merge did since the merge base, arranged for comparing it with other sides. */
export type Side = {
  readonly changed: TreeDelta;
  /** Paths that the merge base does not have as a file. */
  readonly added: readonly string[];
  /** Folders that are gone: only these can git take for renamed ones. */
  readonly goneFolders: ReadonlySet<string>;
};

export function sideOf(changed: TreeDelta): Side {
  const added: string[] = [];
  const goneFolders = new Set<string>();
  for (const [path, [before, after]] of changed) {
    if (isLeaf(after) && !isLeaf(before)) added.push(path);
    if (isFolder(before) && !isFolder(after)) goneFolders.add(path);
  }
  return { changed, added, goneFolders };
}

/**
 * Whether two sides with one merge base can conflict at all: they do something to the same path (a rename does to
 * its source and its target; a file here may be a folder there), or one adds below a folder that the other moved away.
 */
export function canConflict(one: Side, other: Side): boolean {
  for (const _ of commonPaths(one, other)) return true;
  return addsBelowGone(one, other) || addsBelowGone(other, one);
}

/** Whether both change a submodule: what a merge makes of it depends on the submodule's own repository. */
export function meetInSubmodule(one: Side, other: Side): boolean {
  for (const path of commonPaths(one, other)) {
    if ([one, other].some(({ changed }) => changed.get(path)?.some(isSubmodule))) return true;
  }
  return false;
}

function* commonPaths(one: Side, other: Side): Iterable<string> {
  const [less, more] = one.changed.size <= other.changed.size ? [one, other] : [other, one];
  for (const [path, [before, after]] of less.changed) {
    const there = more.changed.get(path)?.[1];
    if (there === undefined) continue;
    if (!isLeaf(before) && !isLeaf(after) && !isLeaf(there)) continue; // what is inside decides
    // Both have changed it alike. An equal addition or deletion may be half of a rename that only one of them made.
    if (after === there && isLeaf(before) && isLeaf(after)) continue;
    yield path;
  }
}

const addsBelowGone = ({ added }: Side, { goneFolders }: Side): boolean =>
  goneFolders.size > 0 && added.some((path) => hasParentIn(path, goneFolders));

function hasParentIn(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    if (folders.has(path.slice(0, at))) return true;
  }
  return false;
}
