import * as z from 'zod';
import { MergeAnswer } from '../../domain/answers/merge.ts';
import { failures } from '../../domain/failure.ts';
import { landingStrategies } from '../../domain/merge-plan.ts';
import { defineCommand, many, one } from '../command.ts';
import { landWorktrees, openMergeScene } from '../landing-session.ts';
import { mergeView } from '../merge-view.ts';
import { recover, unfinished } from '../recovery.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

/** Lands worktrees on their base branch, each judged against what those before it leave. */
export const merge = defineCommand({
  name: 'merge',
  summary: 'Land finished worktrees on their base branch',
  description:
    'Merges in memory first: with conflicts nothing is changed, and they are named (exit 3). The branch then moves\n' +
    'by compare-and-swap; where it is checked out, index and files follow, and uncommitted changes stay. Commit\n' +
    'hooks do not run. -a takes those whose last dispatch is complete with work, the oldest first.\n\n' +
    '  wt merge 6 -n        what would land, and with which conflicts\n' +
    '  wt merge 6 7 8       one after the other\n  wt merge -a --push',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: [
    {
      flags: '-a, --all',
      summary: 'all that are done: complete with work, clean, ahead, not locked, nobody inside',
    },
    { flags: '--into <branch>', summary: 'land on this local branch instead of the base' },
    {
      flags: '--strategy <strategy>',
      summary:
        'auto: fast-forward where it can, else a merge commit; ff: only that; merge: always a commit; squash: one commit; rebase: its commits replayed',
      choices: landingStrategies,
    },
    { flags: '-n, --dry-run', summary: 'say what would land; changes no ref, index, file or object' },
    { flags: '--retry', summary: 'judge again when the target moved meanwhile' },
    { flags: '--push', summary: 'push the target to its upstream afterwards' },
    { flags: '--no-push', summary: 'do not, whatever merge.push says' },
    { flags: '--cleanup', summary: 'remove the worktree once it has landed' },
    { flags: '--commit', summary: 'commit what is uncommitted first' },
    { flags: '-m, --message <text>', summary: 'message of the merge commit, and of what --commit commits' },
  ],
  input: z.object({
    worktree: z.array(z.string()).default([]),
    all: z.boolean().default(false),
    into: z
      .string()
      .min(1)
      .transform((name) => name.replace(/^refs\/heads\//, ''))
      .optional(),
    strategy: z.enum(landingStrategies).optional(),
    dryRun: z.boolean().default(false),
    retry: z.boolean().default(false),
    push: z.boolean().optional(),
    cleanup: z.boolean().default(false),
    commit: z.boolean().default(false),
    message: z.string().trim().min(1, { error: 'must not be empty' }).optional(),
  }),
  answer: MergeAnswer,
  async run(ports, input) {
    if (input.all && input.worktree.length > 0)
      throw failures.usage('-a and a worktree exclude each other', 'wt merge -a');
    const hub = await ports.hub();
    if (input.dryRun) for (const { message } of await unfinished(hub)) ports.narrator.note(message);
    else await recover(ports, hub);
    const scene = await openMergeScene(hub);
    const { worktrees } = scene;
    const selected = input.all
      ? worktrees.filter(({ isMain, branch }) => !isMain && (branch === undefined || branch !== input.into))
      : input.worktree.length === 0
        ? [await currentWorktree(hub, 'merge', worktrees)]
        : await selectWorktrees(ports, hub, input.worktree, { prefixForScripts: false, worktrees });

    const commit = input.commit ? { message: input.message } : undefined;
    const landed = await landWorktrees(ports, hub, scene, selected, {
      ...input,
      into: input.into,
      commit,
    });
    const [only] = landed;
    const isOne = !input.all && input.worktree.length <= 1;
    if (!isOne || only === undefined) return many(landed.map(({ told }) => told));
    if (only.failure !== undefined && only.told.status === null && !only.begun) throw only.failure;
    if (!input.dryRun) await hub.facts.rememberUsed(only.worktree.path);
    return one(only.told);
  },
  verdict: ({ status }) => (status === 'conflicts' || status === 'dry-run-conflicts' ? 'conflict' : 'ok'),
  view: mergeView,
});
