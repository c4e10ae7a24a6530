import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wt } from './bin.ts';
import { makeRepo, type TestRepo } from './repo.ts';
import { realTracker } from './trackers.ts';

export const first = 'projects/PROJ-001-oss-release/WORKTRACKER.md';
export const second = 'projects/PROJ-004-jerry-config/WORKTRACKER.md';

/** Two projects with real trackers, and a worktree of the second. */
export function trackerScene() {
  const repo = makeRepo();
  repo.commit('trackers', {
    [first]: realTracker('dup-ids'),
    [second]: realTracker('74c99a796__projects__PROJ-004-jerry-config__WORKTRACKER.md/base.md'),
  });
  const read = (file: string, folder = repo.path) => readFileSync(join(folder, file), 'utf8');
  const run = (...args: string[]) => wt(repo.path, repo.env, ['tracker', ...args]);
  return { repo, read, run };
}

/** The lines that a diff takes away and brings. */
export const diffOf = (repo: TestRepo, cwd = repo.path) =>
  repo
    .gitIn(cwd, 'diff', '-U0')
    .split('\n')
    .filter((line) => /^[-+](?![-+]{2} )/.test(line));
export const errorOf = (ran: { json: () => unknown }) =>
  (ran.json() as { error: { code: string; details: Record<string, unknown> } }).error;
