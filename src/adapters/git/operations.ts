import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '../../domain/duration.ts';
import { type Failure, failures } from '../../domain/failure.ts';
import { isSha } from '../../domain/object-id.ts';
import type { Worktree } from '../../domain/worktree.ts';

/** What git is in the middle of, by the files it keeps in a worktree's git directory meanwhile. */
export function operationIn(gitDir: string): string | undefined {
  const has = (...names: string[]) => existsSync(join(gitDir, ...names));
  if (has('rebase-merge')) return 'rebase';
  if (has('rebase-apply')) return has('rebase-apply', 'applying') ? 'am' : 'rebase';
  if (has('MERGE_HEAD')) return 'merge';
  if (has('CHERRY_PICK_HEAD')) return 'cherry-pick';
  if (has('REVERT_HEAD')) return 'revert';
  if (has('BISECT_LOG')) return 'bisect';
  return undefined;
}

/**
 * Throws `operation_in_progress` while git is in the middle of something with a branch. In a rebase and a bisect
 * HEAD is detached, and their own files name the branch that they will go back to.
 */
export function assertIdle(target: string, worktrees: readonly Worktree[]): void {
  for (const { path, gitDir, branch } of worktrees) {
    const operation = gitDir === undefined ? undefined : operationIn(gitDir);
    if (gitDir === undefined || operation === undefined) continue;
    const held = [
      branch,
      read(join(gitDir, 'rebase-merge', 'head-name')),
      read(join(gitDir, 'rebase-apply', 'head-name')),
      read(join(gitDir, 'BISECT_START')),
    ];
    if (held.some((name) => name?.replace(/^refs\/heads\//, '') === target))
      throw failures.operationInProgress(operation, path);
  }
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/** The branch that an unfinished rebase or bisect of a worktree goes back to; git lets nobody else check it out. */
export function heldBranch(gitDir: string): string | undefined {
  const name =
    read(join(gitDir, 'rebase-merge', 'head-name')) ??
    read(join(gitDir, 'rebase-apply', 'head-name')) ??
    read(join(gitDir, 'BISECT_START'));
  if (name === undefined || name === 'detached HEAD' || isSha(name)) return undefined;
  return name.replace(/^refs\/heads\//, '');
}

/** The failure that names a lock file of git with its age and its owner; `undefined` when there is none. */
export function lockedBy(path: string): Failure | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const age = formatDuration(Math.max(0, Date.now() - stats.mtimeMs));
  // git writes nothing into it that would tell which process.
  const owner = stats.uid === process.getuid?.() ? userName() : `user ${stats.uid}`;
  return failures.indexLocked(path, age, owner);
}

/** When a worktree's `index.lock` was written, in milliseconds of the epoch; `undefined` when there is none. */
export const indexLockedAt = (gitDir: string): number | undefined =>
  statSync(join(gitDir, 'index.lock'), { throwIfNoEntry: false })?.mtimeMs;

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`; // a container may know no name for it
  }
};
