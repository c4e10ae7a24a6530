import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DiffAnswer } from '../../src/domain/answers/diff.ts';
import { wt } from './bin.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A worktree with a commit, changes that are staged and that are not, a binary and an untracked file. */
export function diffScene() {
  const repo = makeRepo();
  repo.commit('files', { 'a.txt': 'one\ntwo\n', 'gone.txt': 'x\n', 'src/b.txt': 'b\n' });
  const path = join(repo.root, 'jerry-wt', 'work');
  repo.git('worktree', 'add', '-q', '-b', 'work', path);
  const start = repo.git('rev-parse', 'HEAD');
  repo.commit('committed', { 'committed.txt': 'c\n' }, path);
  repo.commit('main goes on', { 'main.txt': 'm\n' });
  writeFileSync(join(path, 'a.txt'), 'one\n2\n');
  writeFileSync(join(path, 'staged.txt'), 's\n');
  repo.gitIn(path, 'add', 'staged.txt');
  rmSync(join(path, 'gone.txt'));
  mkdirSync(join(path, 'new'));
  writeFileSync(join(path, 'new', 'untracked.bin'), Buffer.from([0, 1, 2, 0]));
  return { repo, path, start };
}

/** Runs `wt diff --json`: the answer, checked against its schema. */
export async function filesOf(repo: TestRepo, args: readonly string[], cwd = repo.path) {
  const ran = await wt(cwd, repo.env, ['diff', '--json', ...args]);
  const answer = DiffAnswer.parse(ran.json());
  expect(answer).toEqual(ran.json());
  return answer;
}
