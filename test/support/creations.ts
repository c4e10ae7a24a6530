import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { CreateAnswer } from '../../src/domain/answers/create.ts';
import { WorktreeFacts } from '../../src/domain/worktree-facts.ts';
import { type Ran, wt } from './bin.ts';
import { makeRepo, type TestRepo } from './repo.ts';

/** Runs `wt create --json`. */
export const create = (repo: TestRepo, ...args: string[]) =>
  wt(repo.path, repo.env, ['create', '--json', ...args]);

/** One answer, every key of which is declared. */
export const answerOf = (ran: Ran): CreateAnswer => {
  const json = ran.json();
  const answer = CreateAnswer.parse(json);
  expect(answer).toEqual(json);
  return answer;
};

export const errorOf = (ran: Ran) =>
  (ran.json() as { error: { code: string; message: string; hint: string | null; details: object } }).error;

/** What wt has written down about a worktree. */
export const factsOf = (repo: TestRepo, worktree: string) => {
  const gitDir = repo.gitIn(worktree, 'rev-parse', '--absolute-git-dir');
  return WorktreeFacts.parse(JSON.parse(readFileSync(join(gitDir, 'wt.json'), 'utf8')));
};

/** What a failed create must leave as it was: branches, registrations, what is beside the repository, intents. */
export const traces = (repo: TestRepo) => ({
  refs: repo.git('for-each-ref'),
  registrations: existsSync(join(repo.path, '.git/worktrees'))
    ? readdirSync(join(repo.path, '.git/worktrees'))
    : [],
  beside: readdirSync(repo.root, { recursive: true })
    .map(String)
    .filter((file) => !/^(jerry|home)(\/|$)/.test(file))
    .sort(),
  intents: existsSync(join(repo.path, '.git/wt/intents'))
    ? readdirSync(join(repo.path, '.git/wt/intents'))
    : [],
});

/** A repository whose `main` is a commit behind that of its origin, which has a branch `release` too. */
export function withOrigin() {
  const repo = makeRepo();
  const origin = join(repo.root, 'home', 'origin.git');
  repo.git('clone', '-q', '--bare', repo.path, origin);
  repo.git('remote', 'add', 'origin', origin);
  const local = repo.git('rev-parse', 'main');
  const ahead = repo.commit('ahead', { 'b.txt': 'b\n' });
  repo.git('push', '-q', 'origin', 'main:release');
  repo.git('push', '-q', '-u', 'origin', 'main');
  repo.git('reset', '-q', '--hard', local);
  return { repo, origin, local, ahead };
}
