import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, wt } from './bin.ts';
import { realFile } from './orchestration.ts';
import { makeRepo } from './repo.ts';

export const project = 'PROJ-006-multi-instance';
export const inProject = `projects/${project}/ORCHESTRATION.yaml`;
export const answerOf = (ran: Ran) =>
  ran.json() as Record<string, unknown> & { error: { code: string } | null };

/** A repository with a real coordination file, and a linked worktree. */
export function coordinatorScene() {
  const repo = makeRepo();
  repo.commit('state', { [inProject]: realFile('TEMPLATE') });
  const linked = join(repo.root, 'linked');
  repo.git('worktree', 'add', '-q', linked);
  const run = (cwd: string, ...args: string[]) => wt(cwd, repo.env, ['orchestration', ...args]);
  const json = async (cwd: string, ...args: string[]) => answerOf(await run(cwd, ...args, '--json'));
  const text = (top = repo.path, file = inProject) => readFileSync(join(top, file), 'utf8');
  return { repo, linked, run, json, text };
}
