import type { Sha } from './sha.ts';

/** A path that differs between two commits, as git's raw diff format has it; a rename is a removal and an addition. */
export type PathChange = {
  readonly path: string;
  /** git's letter: added, deleted, modified, type changed. */
  readonly status: string;
  /** Modes and blobs of both sides, for comparing changes with each other. */
  readonly raw: string;
};

/** What to compare: a commit with its first and only parent, or with `since`. A merge alone has no changes. */
export type Comparison = { readonly commit: Sha; readonly since?: Sha };

const pathsOf = (changes: readonly PathChange[]) => changes.map(({ path }) => path).join('\0');

/** Whether two sets of changes touch exactly the same paths: only then can they be the same patch. */
export const touchSamePaths = (some: readonly PathChange[], others: readonly PathChange[]): boolean =>
  some.length > 0 && some.length === others.length && pathsOf(some) === pathsOf(others);

/** Whether two sets of changes turn the same blobs into the same blobs. */
export const areSameBlobs = (some: readonly PathChange[], others: readonly PathChange[]): boolean =>
  some.length === others.length && some.every(({ raw }, index) => raw === others[index]?.raw);

/** Whether the second set of changes turns every blob back into what it was before the first. */
export const areInverseBlobs = (some: readonly PathChange[], others: readonly PathChange[]): boolean =>
  touchSamePaths(some, others) && some.every(({ raw }, index) => turned(raw) === others[index]?.raw);

// `:<mode> <mode> <id> <id> <letter>`
const turned = (raw: string): string => {
  const [before = '', after, from, to, letter = ''] = raw.slice(1).split(' ');
  return `:${after} ${before} ${to} ${from} ${{ A: 'D', D: 'A' }[letter] ?? letter}`;
};

/**
 * A patch without what depends on where it was made: line numbers, and the ids of blobs whose lines are shown. Two
 * texts that are equal after this make the same change, as with git-patch-id(1), but whitespace counts.
 */
export const placelessPatch = (patch: string): string =>
  patch
    .split(/^(?=diff --git )/m)
    .map((file) =>
      file
        .replace(/^index .*\n/m, (line) => (/^(?:Binary files |GIT binary patch)/m.test(file) ? line : ''))
        .replace(/^@@ .*$/gm, '@@'),
    )
    .join('');
