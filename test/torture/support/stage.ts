import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { processes } from '../../../src/adapters/processes.ts';
import { afterEveryTest } from '../../support/after.ts';
import { until } from '../../support/children.ts';
import { type DispatchScene, dispatchScene } from '../../support/dispatches.ts';
import type { TestRepo } from '../../support/repo.ts';
import { supervisorsOf } from './conductor.ts';

/** What CI runs, in seconds instead of minutes. */
export const isShort = process.env.WT_TORTURE === 'short';

/** WT_TORTURE_SEED takes the decisions of an earlier run again; what came of them depends on timing too. */
export const seed = Number(process.env.WT_TORTURE_SEED ?? Date.now() % 1_000_000);

/** In the command line of every daemon, also of one that took everything else off. */
export const tag = `wt-torture-${process.pid}-${seed}`;

afterEveryTest(() => {
  const { table } = processes;
  const commands = table.commands(table.rows().map(({ pid }) => pid));
  for (const [pid, command] of commands) if (command.startsWith(`${tag}-`)) process.kill(pid, 'SIGKILL');
});

/** A repository with ten worktrees, and the folder in which the agents write down what they did. */
export function stage(
  extra: (repo: TestRepo) => NodeJS.ProcessEnv = () => ({}),
  claude?: string,
): { scene: DispatchScene; branches: string[]; evidence: string } {
  const branches = Array.from({ length: 10 }, (_, at) => `feat/t${at}`);
  const variables = (repo: TestRepo) => ({
    ...extra(repo),
    WT_TORTURE_EVIDENCE: join(repo.root, 'evidence'),
    WT_TORTURE_TAG: tag,
  });
  const scene = dispatchScene(branches, variables, claude);
  const evidence = join(scene.repo.root, 'evidence');
  mkdirSync(evidence);
  return { scene, branches, evidence };
}

/** Lets what lives come to its end, and has one `wt status` see to what does not. */
export async function settle(scene: DispatchScene): Promise<void> {
  const idle = () => supervisorsOf(scene).length === 0;
  await until(idle);
  const status = await scene.wt(['status', '--json']);
  expect(status.code, status.stderr).toBe(0);
  await until(idle); // of the runs that it has adopted
  // Status has seen to the newest run of each worktree; this finishes what killed commands left of the others.
  const runs = await scene.wt(['runs', '--json']);
  expect(runs.code, runs.stderr).toBe(0);
  await until(idle);
}
