import * as z from 'zod';
import type { CreateAnswer } from '../../domain/answers/create.ts';
import { errorBody } from '../../domain/error-body.ts';
import { isFailure } from '../../domain/failure.ts';
import { type Worktree, worktreeName } from '../../domain/worktree.ts';
import { defineCommand, many, one } from '../command.ts';
import type { Hub, Ports } from '../ports.ts';
import { unprovisioned } from '../provisioning/answers.ts';
import { liveSteps } from '../provisioning/live-steps.ts';
import { type ProvisionOptions, provisionWorktree } from '../provisioning.ts';
import { recover } from '../recovery.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';
import { seconds, stepLines } from '../step-view.ts';

const Input = z.object({
  worktree: z.array(z.string()).default([]),
  check: z.boolean().default(false),
  shareVenv: z.boolean().default(false),
  force: z.boolean().default(false),
});

/** Runs what a worktree still lacks: files that git does not bring, submodules, dependencies, hooks, its project. */
export const provision = defineCommand({
  name: 'provision',
  summary: 'Install what a worktree lacks: files, dependencies, hooks',
  description:
    "Files named in .worktreeinclude (gitignore syntax; the main worktree's file counts) that git ignores, then what\n" +
    'the top of the tree asks for: submodules, uv sync --frozen, npm ci or its pnpm and yarn kin, pre-commit install,\n' +
    'the Jerry project. Lock files in subfolders are left alone. What is unchanged since the last time is not run\n' +
    'again, and no file is ever overwritten. Package managers run the scripts of the packages they install.\n\n' +
    '  wt provision 6\n  wt provision 6 --check      what has drifted; runs nothing',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: [
    { flags: '--check', summary: 'run nothing; exit 1 when something has drifted' },
    { flags: '--share-venv', summary: "link the main worktree's .venv instead of making one" },
    { flags: '-f, --force', summary: 'also run what is unchanged; still overwrites no file' },
  ],
  input: Input,
  answer: async () => (await import('../../domain/answers/create.ts')).CreateAnswer,
  async run(ports, { worktree: selectors, check, shareVenv, force }) {
    const hub = await ports.hub();
    if (!check) await recover(ports, hub);
    const selected =
      selectors.length === 0
        ? [await currentWorktree(hub, 'provision')]
        : await selectWorktrees(ports, hub, selectors);
    const [only] = selected;
    if (selectors.length <= 1 && only !== undefined) {
      const answer = await provisionOne(ports, hub, only, { check, shareVenv, force });
      if (!check) await hub.facts.rememberUsed(only.path);
      return one(answer);
    }
    const answers: CreateAnswer[] = [];
    for (const worktree of selected) {
      try {
        answers.push(await provisionOne(ports, hub, worktree, { check, shareVenv, force }));
      } catch (error) {
        if (!isFailure(error)) throw error;
        answers.push({ ...unprovisioned(worktree), error: errorBody(error) });
      }
    }
    return many(answers);
  },
  view: (answers) =>
    answers
      .map((answer) => {
        const name = answer.project_id ?? answer.branch ?? answer.worktree_path;
        const took = answer.provisioning_time_ms === null ? '' : ` (${seconds(answer.provisioning_time_ms)})`;
        const state = answer.provisioned === true ? 'provisioned' : 'not provisioned';
        return [`${name}: ${state}${took}`, ...stepLines(answer.steps)].join('\n');
      })
      .join('\n'),
});

async function provisionOne(
  ports: Ports,
  hub: Hub,
  worktree: Worktree,
  options: ProvisionOptions,
): Promise<CreateAnswer> {
  const { narrator } = ports;
  const show = liveSteps(worktreeName(worktree), (line) => narrator.live(line === undefined ? [] : [line]));
  const provisioned = await provisionWorktree(ports, hub, worktree, { ...options, onProgress: show });
  narrator.live([]);
  if (narrator.format === 'people') for (const { message } of provisioned.warnings) narrator.warn(message);
  return {
    ...unprovisioned(worktree),
    ...provisioned,
    steps: [...provisioned.steps],
    warnings: [...provisioned.warnings],
  };
}
