import type { PathChange } from './path-change.ts';

/** What is at a path, in a commit or in a folder. */
export type Copy =
  | { readonly kind: 'absent' }
  /** `id` is that of a blob with these bytes, without filters; `undefined` for one too large to be read. */
  | { readonly kind: 'file'; readonly id: string | undefined; readonly size: number }
  | { readonly kind: 'folder' }
  /** A part of the path is no folder there: the path of that part. */
  | { readonly kind: 'behind'; readonly at: string };

/** What somebody did to a file. */
export type Touch = 'added' | 'deleted' | 'modified' | 'renamed';

/** A path in a worktree and in the commit that it stands on. */
export type Copies = { readonly head: Copy; readonly disk: Copy };

/** Work of one worktree at a path; at least one of the two. */
export type Meeting = {
  /** In commits that its base does not have. */
  readonly committed: Touch | undefined;
  /** In its files. */
  readonly uncommitted: Touch | undefined;
};

/** Whether two copies certainly hold the same. */
export const isSameCopy = (one: Copy, other: Copy): boolean =>
  one.kind === 'file'
    ? other.kind === 'file' && one.id !== undefined && one.id === other.id
    : one.kind === 'absent' && other.kind === 'absent';

/** Whether a copy holds what this worktree has too: then it is no work that an edit here could collide with. */
export const isOurs = (copy: Copy, own: Copies): boolean =>
  isSameCopy(copy, own.disk) || isSameCopy(copy, own.head);

/** Whether git has to be asked if the copy of a worktree is changed: what is in its files is not what its commit has. */
export const mayBeChanged = (theirs: Copies, own: Copies): boolean =>
  !isSameCopy(theirs.disk, theirs.head) && !isOurs(theirs.disk, own);

/**
 * What a set of changes does at a path: to the file itself; or it puts a file where the path needs a folder, or the
 * other way about.
 */
export function touchAt(path: string, changes: readonly PathChange[]): Touch | undefined {
  const itself = changes.find((change) => change.path === path);
  if (itself !== undefined) {
    // A mode alone merges with any edit.
    const [, , from, to] = itself.raw.split(' ');
    if (from === to) return undefined;
    return itself.status === 'A' ? 'added' : itself.status === 'D' ? 'deleted' : 'modified';
  }
  const inTheWay = changes.some(
    (change) =>
      change.status !== 'D' && (path.startsWith(`${change.path}/`) || change.path.startsWith(`${path}/`)),
  );
  return inTheWay ? 'added' : undefined;
}

/**
 * What of a worktree's work an edit at the path would meet. `committed` is what its commits do that neither its base
 * nor this worktree has, `uncommitted` what git says of its files.
 */
export function meetingOf(
  own: Copies,
  theirs: Copies,
  { committed, uncommitted }: Meeting,
): Meeting | undefined {
  const found = {
    committed: isOurs(theirs.head, own) ? undefined : committed,
    uncommitted: isOurs(theirs.disk, own) ? undefined : uncommitted,
  };
  return found.committed === undefined && found.uncommitted === undefined ? undefined : found;
}

/** A copy as a short text; equal for equal copies, as far as can be told. */
export const stateOf = (copy: Copy): string =>
  copy.kind === 'file' ? (copy.id ?? `${copy.size} bytes`) : copy.kind;
