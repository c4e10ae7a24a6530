import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import { bringBack } from '../bringing-back.ts';
import { listedCheckpoints } from '../checkpoint-list.ts';
import { selectCheckpoint } from '../checkpoint-selection.ts';
import { checkpointsView, restoredView } from '../checkpoint-view.ts';
import { defineCommand, many, one } from '../command.ts';
import { recover } from '../recovery.ts';

const Input = z.object({
  checkpoint: z.string().optional(),
  path: z.array(z.string()).default([]),
  list: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});

/** Brings a worktree, or files of it, back to a state that a dispatch saved; saves the present one first. */
export const restore = defineCommand({
  name: 'restore',
  summary: 'Bring files back to a checkpoint of a dispatch',
  description:
    'While claude works in a worktree its state is saved every few minutes, and once more when it ends. A checkpoint\n' +
    'holds what is uncommitted and untracked too, but not what git ignores. Without paths the whole worktree becomes as\n' +
    'it was, and files that were not there go; HEAD and index stay. The present state is saved first.\n\n' +
    '  wt restore --list 6\n  wt restore dispatch-20260220-001/3 -n\n  wt restore dispatch-20260220-001/3 src/a.ts',
  args: [
    { name: 'checkpoint', summary: '<dispatch id>/<n>, a dispatch id or a worktree (its newest)' },
    { name: 'path', summary: 'only these files and folders', variadic: true },
  ],
  options: [
    { flags: '--list', summary: 'the checkpoints there are, of all or of a worktree or dispatch' },
    { flags: '-n, --dry-run', summary: 'only show what would change' },
  ],
  input: Input,
  answer: async () => {
    const { RestoreAnswer, CheckpointAnswer } = await import('../../domain/answers/restore.ts');
    return z.union([RestoreAnswer, CheckpointAnswer]);
  },
  async run(ports, { checkpoint, path, list, dryRun }) {
    if (list) {
      if (path.length > 0)
        throw failures.usage('--list takes one worktree or dispatch', 'wt restore --list 6');
      const hub = await ports.hub();
      return many(await listedCheckpoints(ports, hub, checkpoint));
    }
    if (checkpoint === undefined)
      throw failures.usage(
        'which checkpoint?',
        'wt restore --list shows them; wt restore <checkpoint> [<path>…]',
      );
    const hub = await ports.hub();
    if (!dryRun) await recover(ports, hub);
    const state = await selectCheckpoint(ports, hub, checkpoint);
    const answer = await bringBack(ports, hub, state, { paths: path, dryRun });
    for (const { message } of answer.warnings) ports.narrator.warn(message);
    return one(answer);
  },
  view: (items, options, { list, dryRun }) =>
    list
      ? checkpointsView(
          items.flatMap((item) => ('number' in item ? [item] : [])),
          options,
        )
      : restoredView(
          items.flatMap((item) => ('number' in item ? [] : [item])),
          { dryRun },
        ),
});
