import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import { defineCommand, many, one } from '../command.ts';
import { openMergeScene } from '../landing-session.ts';
import { recover } from '../recovery.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';
import { syncView } from '../sync-view.ts';
import { syncWorktrees } from '../syncing.ts';
import { unfinished } from '../unfinished.ts';

const strategies = ['merge', 'rebase'] as const;

/** Brings the base into the branches of worktrees. */
export const sync = defineCommand({
  name: 'sync',
  summary: 'Bring the base into the branch of a worktree',
  description:
    'Fetches what the base follows first, and takes it where it has all of the base and more. Merges in memory: with\n' +
    'conflicts nothing is changed, and they are named (exit 3); --leave-conflicts then begins the merge in the\n' +
    'worktree, for a person. Uncommitted changes that do not overlap stay.\n\n' +
    '  wt sync              this worktree\n  wt sync -a           all that nothing is going on in\n' +
    '  wt sync 6 --strategy rebase',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: [
    { flags: '-a, --all', summary: 'all that are clean, not locked, and in which nothing runs' },
    {
      flags: '--strategy <strategy>',
      summary: 'merge: fast-forward or a merge commit; rebase: replay what was not pushed on the base',
      choices: strategies,
    },
    { flags: '--no-fetch', summary: 'take what is known of the upstream' },
    { flags: '--leave-conflicts', summary: 'stop in a merge that conflicts, with the markers in the files' },
    { flags: '--no-auto', summary: 'leave every conflict to a person, whatever merge.union says' },
    { flags: '--force-rewrite', summary: 'also rebase commits that were pushed' },
    { flags: '-n, --dry-run', summary: 'say what would come; fetches and changes nothing' },
  ],
  input: z.object({
    worktree: z.array(z.string()).default([]),
    all: z.boolean().default(false),
    strategy: z.enum(strategies).default('merge'),
    fetch: z.boolean().default(true),
    leaveConflicts: z.boolean().default(false),
    auto: z.boolean().default(true),
    forceRewrite: z.boolean().default(false),
    dryRun: z.boolean().default(false),
  }),
  answer: async () => (await import('../../domain/answers/sync.ts')).SyncAnswer,
  async run(ports, input) {
    if (input.all && input.worktree.length > 0)
      throw failures.usage('-a and a worktree exclude each other', 'wt sync -a');
    if (input.leaveConflicts && input.strategy === 'rebase')
      throw failures.usage(
        '--leave-conflicts begins a merge, and goes with --strategy merge',
        'wt sync --leave-conflicts',
      );
    const hub = await ports.hub();
    if (input.dryRun) for (const { message } of await unfinished(hub)) ports.narrator.note(message);
    else await recover(ports, hub);
    const scene = await openMergeScene(hub);
    const { worktrees } = scene;
    const selected = input.all
      ? worktrees.filter(({ isMain, prunable }) => !isMain && prunable === undefined)
      : input.worktree.length === 0
        ? [await currentWorktree(hub, 'sync', worktrees)]
        : await selectWorktrees(ports, hub, input.worktree, { worktrees });
    const synced = await syncWorktrees(ports, hub, scene, selected, input);
    const [only] = synced;
    const isOne = !input.all && input.worktree.length <= 1;
    if (!isOne || only === undefined) return many(synced.map(({ answer }) => answer));
    if (only.failure !== undefined && only.answer.status === null) throw only.failure;
    if (!input.dryRun) await hub.facts.rememberUsed(only.worktree.path);
    return one(only.answer);
  },
  verdict: ({ status }) => (status === 'conflicts' || status === 'dry-run-conflicts' ? 'conflict' : 'ok'),
  view: syncView,
});
