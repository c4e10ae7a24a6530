/** What a tree has at a path, as git writes it: `<mode> <id>`; empty where there is nothing. */
export type TreeEntry = string;

/** The paths in which two trees differ, folders too, with what each has there. One character per byte of a path. */
export type TreeDelta = ReadonlyMap<string, readonly [before: TreeEntry, after: TreeEntry]>;

/** How two trees differ, from how each differs from a third. */
export function deltaBetween(before: TreeDelta, after: TreeDelta): TreeDelta {
  if (before.size === 0) return after;
  const delta = new Map<string, readonly [TreeEntry, TreeEntry]>();
  for (const [path, [third, now]] of after) {
    const then = before.get(path)?.[1] ?? third;
    if (then !== now) delta.set(path, [then, now]);
  }
  for (const [path, [third, then]] of before) {
    if (!after.has(path)) delta.set(path, [then, third]);
  }
  return delta;
}

export const isFolder = (entry: TreeEntry): boolean => entry.startsWith('040000');
export const isSubmodule = (entry: TreeEntry): boolean => entry.startsWith('160000');
/** Whether there is anything but a folder: a file, a link, a submodule. */
export const isLeaf = (entry: TreeEntry): boolean => entry !== '' && !isFolder(entry);
