import { join } from 'node:path';
import { expect } from 'vitest';
import { SyncAnswer } from '../../src/domain/answers/sync.ts';
import { wt } from './bin.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** A repository whose `main` has an upstream. */
export type SyncScene = TestRepo & { readonly at: (branch: string) => string };

/** Twelve lines, one of which says something. */
export const lines = (line: number, text: string) =>
  Array.from({ length: 12 }, (_, at) => `${at === line ? text : at}\n`).join('');

/** `main` follows `origin/main`, which somebody else has moved on since; worktrees for the branches. */
export function syncScene(...branches: readonly [name: string, files: Record<string, string>][]): SyncScene {
  const repo = makeRepo();
  repo.commit('f', { f: lines(-1, '') });
  const origin = join(repo.root, 'origin.git');
  repo.git('init', '-q', '--bare', origin);
  repo.git('remote', 'add', 'origin', origin);
  repo.git('push', '-q', '-u', 'origin', 'main');
  const at = (branch: string) => join(repo.root, 'jerry-wt', branch);
  for (const [name, files] of branches) {
    repo.git('worktree', 'add', '-q', '--no-track', '-b', name, at(name));
    repo.commit(name, files, at(name));
  }
  const other = join(repo.root, 'other');
  repo.git('clone', '-q', '-b', 'main', origin, other);
  repo.commit('from elsewhere', { f: lines(3, 'theirs') }, other);
  repo.gitIn(other, 'push', '-q', 'origin', 'main');
  return { ...repo, at };
}

/** Runs `wt sync --json`: the answers, checked against their schema. */
export const sync = async (repo: SyncScene, ...args: string[]) => {
  const ran = await wt(repo.path, repo.env, ['sync', ...args, '--json']);
  const json = ran.json();
  const answers = (Array.isArray(json) ? json : [json]).map((each) => {
    const answer = SyncAnswer.parse(each);
    expect(answer).toEqual(each);
    return answer;
  });
  return { code: ran.code, answers, only: answers[0] as SyncAnswer };
};
