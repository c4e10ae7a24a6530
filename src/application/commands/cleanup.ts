import * as z from 'zod';
import type { CleanupAnswer } from '../../domain/answers/cleanup.ts';
import { parseDuration } from '../../domain/duration.ts';
import { errorBody } from '../../domain/error-body.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { cleanupView } from '../cleanup-view.ts';
import { type Answer, defineCommand, many, one } from '../command.ts';
import { openScene, type RemovalScene } from '../inspection.ts';
import { doneWith } from '../merged.ts';
import type { Hub, Ports } from '../ports.ts';
import { recover } from '../recovery.ts';
import { blankCleanup, previewRemoval, type RemovalOptions, removeWorktree } from '../removal.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';
import { unfinished } from '../unfinished.ts';
import { wayOut } from '../way-out.ts';

const Input = z.object({
  worktree: z.array(z.string()).default([]),
  merged: z.boolean().default(false),
  empty: z.boolean().default(false),
  minAge: z.string().optional(),
  force: z.boolean().default(false),
  kill: z.boolean().default(false),
  keepBranch: z.boolean().default(false),
  archive: z.boolean().default(false),
  remote: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Removes worktrees into the trash, from which `undo` brings them back whole. */
export const cleanup = defineCommand({
  name: 'cleanup',
  summary: 'Remove worktrees; wt undo brings them back',
  description:
    'Removes worktree and registration, and the branch when wt made it and its work is in the base. The folder goes\n' +
    'to the trash as it is, ignored files included. In the main worktree wt cleanup alone is --merged -n.\n\n' +
    '  wt cleanup 6             this one\n' +
    '  wt cleanup --merged -n   which ones are done with',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: [
    { flags: '--merged', summary: 'those whose work is in the base, idle and older than --min-age' },
    { flags: '--empty', summary: 'with --merged: also those in which nothing was ever done' },
    { flags: '--min-age <duration>', summary: 'with --merged: how old at least, such as 90m or 0s (24h)' },
    { flags: '-f, --force', summary: 'also uncommitted changes, and commits that are not in the base' },
    { flags: '--kill', summary: 'end the processes that run inside' },
    { flags: '--keep-branch', summary: 'leave the branch' },
    { flags: '--remote', summary: 'delete the branch of its name on the remote too' },
    {
      flags: '--archive',
      summary: 'first copy the records of its runs, reports and trackers out of the repository',
    },
    { flags: '-n, --dry-run', summary: 'say what would be removed' },
  ],
  input: Input,
  answer: async () => (await import('../../domain/answers/cleanup.ts')).CleanupAnswer,
  async run(ports, input): Promise<Answer<CleanupAnswer>> {
    if (input.merged && input.worktree.length > 0)
      throw failures.usage('--merged and a worktree exclude each other', 'wt cleanup --merged');
    const minAgeMs = parseDuration(input.minAge ?? '24h');
    if (minAgeMs === undefined)
      throw failures.usage(`'${input.minAge}' is no duration`, 'wt cleanup --merged --min-age 24h');
    const hub = await ports.hub();
    const isOverview = !input.merged && input.worktree.length === 0 && (await isNoLinked(hub));
    if (!input.merged && !isOverview && (input.empty || input.minAge !== undefined))
      throw failures.usage('--empty and --min-age go with --merged', 'wt cleanup --merged --min-age 1h');
    const dryRun = input.dryRun || isOverview;
    if (dryRun) for (const { message } of await unfinished(hub)) ports.narrator.note(message);
    else await recover(ports, hub);
    const scene = await openScene(hub);
    const out = wayOut(ports, hub);
    const options = { ...input, leaving: out.isThere };
    const batch: Batch = { ports, hub, scene, options, dryRun };

    if (input.merged || isOverview) {
      const now = ports.clock.now();
      const done = await doneWith(hub, scene, { ...options, now, minAgeMs });
      // Nobody is taken out of the place where they stand by a command that names none.
      return many(await inTurn({ ...batch, options: { ...options, leaving: false } }, done));
    }
    const selected =
      input.worktree.length === 0
        ? [await currentWorktree(hub, 'cleanup', scene.worktrees)]
        : await selectWorktrees(ports, hub, input.worktree, {
            prefixForScripts: false,
            worktrees: scene.worktrees,
          });
    const [only] = selected;
    if (input.worktree.length > 1 || only === undefined) {
      const answers = await inTurn(batch, selected);
      if (hasLeft(hub, answers)) await out.take();
      return many(answers);
    }
    const answer = await removeOne(batch, only);
    if (hasLeft(hub, [answer])) await out.take();
    return one(answer);
  },
  view: (answers, options, input) => {
    const previewed = answers.some(({ removed, error }) => !removed && error === null);
    const isOverview = input.worktree.length === 0 && !input.dryRun;
    const removes = answers.length === 1 ? 'removes it' : `removes these ${answers.length}`;
    const next =
      previewed && (input.merged || isOverview) ? `wt cleanup --merged${flags(input)} ${removes}` : undefined;
    const minAge = input.merged || isOverview ? (input.minAge ?? '24h') : undefined;
    return cleanupView(answers, options, { minAge, next });
  },
});

const flags = ({ empty, minAge }: Input) =>
  `${empty ? ' --empty' : ''}${minAge === undefined ? '' : ` --min-age ${minAge}`}`;

/** Whether the command was given where no linked worktree is meant: in the main one, or in a bare hub. */
const isNoLinked = async (hub: Hub): Promise<boolean> => {
  const { current, main } = hub.repository;
  if (current === undefined || current === main) return true;
  return (await hub.git.worktrees()).some(({ path, isMain }) => isMain && path === current);
};

const hasLeft = (hub: Hub, answers: readonly CleanupAnswer[]) =>
  answers.some(({ removed, worktree_path: path }) => removed && path === hub.repository.current);

type Batch = {
  readonly ports: Ports;
  readonly hub: Hub;
  readonly scene: RemovalScene;
  readonly options: RemovalOptions;
  readonly dryRun: boolean;
};

async function removeOne({ ports, hub, scene, options, dryRun }: Batch, worktree: Worktree) {
  const answer = dryRun
    ? await previewRemoval(hub, scene, worktree, options)
    : await removeWorktree(ports, hub, scene, worktree, options);
  for (const { message } of answer.warnings) ports.narrator.warn(message);
  return answer;
}

/** One after the other: what each needs is short, and under one lock. */
async function inTurn(batch: Batch, worktrees: readonly Worktree[]): Promise<CleanupAnswer[]> {
  const { signal } = batch.ports.narrator;
  const answers: CleanupAnswer[] = [];
  for (const worktree of worktrees) {
    try {
      if (signal.aborted) throw failures.interrupted(String(signal.reason));
      answers.push(await removeOne(batch, worktree));
    } catch (error) {
      if (!isFailure(error)) throw error;
      answers.push({ ...blankCleanup(worktree), error: errorBody(error) });
    }
  }
  return answers;
}
