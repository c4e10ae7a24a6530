import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { failures } from '../../domain/failure.ts';
import { isSha } from '../../domain/sha.ts';
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

/** When a worktree's `index.lock` was written, in milliseconds of the epoch; `undefined` when there is none. */
export const indexLockedAt = (gitDir: string): number | undefined =>
  statSync(join(gitDir, 'index.lock'), { throwIfNoEntry: false })?.mtimeMs;

/** Whose file a worktree's `index.lock` is: git writes nothing into it that would tell which process. */
export function indexLockOwner(gitDir: string): string {
  const uid = statSync(join(gitDir, 'index.lock'), { throwIfNoEntry: false })?.uid;
  if (uid === undefined) return 'nobody any more';
  return uid === process.getuid?.() ? userName() : `user ${uid}`;
}

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`; // a container may know no name for it
  }
};
