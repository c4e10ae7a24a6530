import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { nothingLeft, type RemovalScene, remains, whole } from './removals.ts';
import type { TestRepo } from './repo.ts';

/** As two weeks and more of idleness would have it. */
export const gc = (repo: TestRepo) => {
  repo.git('reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all');
  repo.git('-c', 'gc.worktreePruneExpire=now', 'gc', '-q', '--prune=now');
};

/** Fails where an object is missing. */
export const fsck = (repo: TestRepo, path: string) =>
  repo.gitIn(path, 'fsck', '--connectivity-only', '--no-dangling');

/** Removes a worktree, loses what no ref holds, brings it back, and compares all of it. */
export async function removeAndBringBack(scene: RemovalScene, path: string, input = {}) {
  const { repo } = scene;
  const before = whole(repo, path);
  const [removed] = await scene.cleanup({ worktree: [path], force: true, ...input });
  expect(removed).toMatchObject({ removed: true, error: null });
  expect(existsSync(path)).toBe(false);
  expect(repo.git('worktree', 'list')).not.toContain(path);
  gc(repo);
  const [back] = await scene.undo();
  expect(back).toMatchObject({ operation: 'cleanup', worktree_path: path, target: null, error: null });
  // The reflog of a branch that stayed has expired before our eyes.
  expect(whole(repo, path)).toEqual(removed?.branch_deleted ? before : { ...before, log: '' });
  expect(remains(repo)).toMatchObject(nothingLeft);
  fsck(repo, path);
  return removed;
}
