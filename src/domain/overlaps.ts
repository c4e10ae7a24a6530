import type { PathChange } from './path-change.ts';

/** What a worktree changes against the common past: committed, and in its files only. */
export type Edits = {
  readonly committed: readonly PathChange[];
  /** Paths relative to the top; a folder of untracked files ends in `/`. */
  readonly uncommitted: readonly string[];
};

/** Two worktrees that may collide, as indexes of what was compared, with the paths where. */
export type Overlap = {
  readonly a: number;
  readonly b: number;
  readonly committed: readonly string[];
  /** Paths that at least one side has changed without committing it. */
  readonly uncommitted: readonly string[];
};

type Touch = { readonly of: number; readonly isUncommitted: boolean };

/**
 * The pairs whose changes meet: in a path, in a file here that is a folder there, or in a folder where one adds and
 * the other removes (which git may take for a renamed folder). No other pair can conflict.
 */
export function overlaps(edits: readonly Edits[]): Overlap[] {
  const touched = new Map<string, Touch[]>();
  const folders = new Map<string, Touch[]>();
  const additions = new Map<string, Touch[]>();
  const removals = new Map<string, Touch[]>();
  for (const [of, { committed, uncommitted }] of edits.entries()) {
    for (const { path, status } of committed) {
      const touch = { of, isUncommitted: false };
      add(touched, path, touch);
      for (const parent of parents(path)) add(folders, parent, touch);
      if (status === 'A') add(additions, folderOf(path), touch);
      if (status === 'D')
        for (const folder of [folderOf(path), ...parents(path)]) add(removals, folder, touch);
    }
    for (const each of uncommitted) {
      const touch = { of, isUncommitted: true };
      const path = each.replace(/\/$/, '');
      add(touched, path, touch);
      for (const parent of parents(path)) add(folders, parent, touch);
    }
  }
  const found = new Map<string, { a: number; b: number; committed: Set<string>; uncommitted: Set<string> }>();
  const meet = (path: string, some: readonly Touch[], others: readonly Touch[]) => {
    for (const one of some) {
      for (const other of others) {
        if (one.of === other.of) continue;
        const [a, b] = one.of < other.of ? [one.of, other.of] : [other.of, one.of];
        const key = `${a} ${b}`;
        const pair = found.get(key) ?? { a, b, committed: new Set(), uncommitted: new Set() };
        (one.isUncommitted || other.isUncommitted ? pair.uncommitted : pair.committed).add(path);
        found.set(key, pair);
      }
    }
  };
  for (const [path, touches] of touched) {
    if (touches.length > 1) meet(path, touches, touches);
    meet(path, touches, folders.get(path) ?? []);
  }
  for (const [folder, touches] of additions) meet(`${folder}/`, touches, removals.get(folder) ?? []);
  return [...found.values()]
    .map(({ a, b, committed, uncommitted }) => ({
      a,
      b,
      committed: [...committed].sort(),
      uncommitted: [...uncommitted].sort(),
    }))
    .sort((x, y) => x.a - y.a || x.b - y.b);
}

function add(index: Map<string, Touch[]>, key: string, touch: Touch): void {
  const touches = index.get(key);
  if (touches === undefined) index.set(key, [touch]);
  else if (!touches.some((t) => t.of === touch.of && t.isUncommitted === touch.isUncommitted))
    touches.push(touch);
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

function parents(path: string): string[] {
  const all: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) all.push(path.slice(0, at));
  return all;
}
