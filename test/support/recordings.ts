import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MergeAnswer } from '../../src/domain/answers/merge.ts';
import type { Ran } from './bin.ts';
import { dispatchScene } from './dispatches.ts';
import { pictured, realFile } from './orchestration.ts';

export const agent = 'pipeline-a/1/agent-a-001';
export const file = 'ORCHESTRATION.yaml';
/** What an agent is asked that commits something. */
export const work = ['@write a.txt by the agent', '@commit work'];

/** A repository whose coordinator keeps the template, with a worktree that works for one of its agents. */
export async function recordedScene(create: readonly string[] = ['feat/a', '--address', 'agent-a-001']) {
  const made = dispatchScene([]);
  const { repo } = made;
  repo.commit('plan', { [file]: realFile('TEMPLATE'), 'a.txt': 'a\n', 'b.txt': 'b\n' });
  const created =
    create.length === 0 ? undefined : await made.wt(['create', ...create, '--no-provision', '--json']);
  const text = (cwd = repo.path) => readFileSync(join(cwd, file), 'utf8');
  const statusOf = (address = agent) =>
    pictured(text()).statuses.find((each) => each.address === address)?.status;
  const merge = async (...args: string[]) => {
    const ran = await made.wt(['merge', 'feat/a', '--json', ...args]);
    return { ran, answer: MergeAnswer.parse(ran.json()) };
  };
  return { ...made, created, text, statusOf, merge, linked: made.at('feat/a') };
}
export const errorOf = (ran: Ran) => (ran.json() as { error: { code: string } | null }).error?.code;
export const codes = ({ warnings }: { readonly warnings: readonly { readonly code: string }[] }) =>
  warnings.map(({ code }) => code);
