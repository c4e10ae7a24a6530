import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MergeAnswer } from '../../src/domain/answers/merge.ts';
import { type DispatchScene, dispatchScene } from './dispatches.ts';
import { mergesIn } from './landings.ts';

const lines = (second: string) => `one\n${second}\nthree\n`;

/** What is committed on `main` to collide with what the agent has written. */
export const clash = { 'a.ts': lines('main'), 'run.log': '0\nmain\n' };

/** A branch whose agent has written `a.ts` and plays `later` in its next prompts, and `main` that has gone on. */
export async function agentScene(
  main: Readonly<Record<string, string>>,
  ...later: readonly string[]
): Promise<DispatchScene> {
  const made = dispatchScene([]);
  made.repo.commit('base', { 'a.ts': lines('two'), 'run.log': '0\n' });
  made.repo.git('worktree', 'add', '-q', '--no-track', '-b', 'feat/a', made.at('feat/a'));
  const first = ['@write a.ts one\\nfeat\\nthree', '@append run.log a', '@commit work', ...later];
  expect((await made.dispatch('feat/a', first)).code).toBe(0);
  made.repo.commit('on main', main);
  return made;
}

/** Runs wt with `--json` for one worktree. */
export async function land(
  made: DispatchScene,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly answer: MergeAnswer | undefined }> {
  const ran = await made.wt([...args, '--json']);
  return { code: ran.code, answer: mergesIn(ran)[0] };
}

/** What the agent was asked, the newest first. */
export const promptsIn = ({ repo, records }: DispatchScene): string[] =>
  records().map(({ dispatch }) =>
    readFileSync(join(repo.path, '.git', 'wt', 'runs', dispatch.dispatch_id ?? '', 'prompt.md'), 'utf8'),
  );

/** Whether a merge is open in the agent's worktree. */
export const isMerging = ({ repo, at }: DispatchScene): boolean =>
  existsSync(repo.gitIn(at('feat/a'), 'rev-parse', '--git-path', 'MERGE_HEAD'));
