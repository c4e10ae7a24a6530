import * as z from 'zod';
import type { MergeAnswer } from '../domain/answers/merge.ts';
import { failures } from '../domain/failure.ts';
import { landingStrategies } from '../domain/merge-plan.ts';
import { barrierFlag } from './binding.ts';
import { type Answer, many, type OptionSpec, one, type Verdict } from './command.ts';
import { landWorktrees, openMergeScene } from './landing-session.ts';
import type { Ports } from './ports.ts';
import { recover } from './recovery.ts';
import { currentWorktree, selectWorktrees } from './selection.ts';
import { unfinished } from './unfinished.ts';

/** The options that `merge` and `land` share. */
export const landingOptions: readonly OptionSpec[] = [
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
  {
    flags: '--gate <command>',
    summary: 'shell command that the merged tree has to pass before it lands',
    repeatable: true,
  },
  { flags: '--fresh-gates', summary: 'run gates again that have run on this very tree' },
  { flags: '--no-auto', summary: 'leave every conflict to a person, whatever merge.union says' },
  { flags: '--resolve', summary: 'with conflicts, begin the merge in the worktree for a person' },
  {
    flags: '--dispatch-resolve [tries]',
    summary:
      "with conflicts, begin the merge in the worktree and hand it to that worktree's session (2 tries)",
  },
  {
    flags: '--dispatch-fix [tries]',
    summary: "hand a failed gate's output to the worktree's session, and judge again (2 tries)",
  },
  {
    flags: '--accept <glob>',
    summary: 'land changes to this protected path; conflict markers in it are meant',
    repeatable: true,
  },
  {
    flags: '--accept-outside',
    summary: 'land what merges on the branch took away outside of their conflicts',
  },
  { flags: '--retry', summary: 'judge again when the target moved meanwhile' },
  { flags: '--push', summary: 'push the target to its upstream afterwards' },
  { flags: '--no-push', summary: 'do not, whatever merge.push says' },
  { flags: '--cleanup', summary: 'remove the worktree once it has landed' },
  { flags: '--commit', summary: 'commit what is uncommitted first' },
  barrierFlag,
  { flags: '-m, --message <text>', summary: 'message of the merge commit, and of what --commit commits' },
];

/** How often an agent may try; `true` is the flag alone. */
const Tries = z
  .union([z.literal(true).transform(() => 2), z.coerce.number().int().min(1).max(20)], {
    error: 'must be a number of tries from 1 to 20',
  })
  .optional();

export const LandingInput = z.object({
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
  gate: z.array(z.string().trim().min(1, { error: 'must not be empty' })).default([]),
  freshGates: z.boolean().default(false),
  auto: z.boolean().default(true),
  resolve: z.boolean().default(false),
  dispatchResolve: Tries,
  dispatchFix: Tries,
  accept: z.array(z.string().min(1)).default([]),
  acceptOutside: z.boolean().default(false),
  push: z.boolean().optional(),
  cleanup: z.boolean().default(false),
  commit: z.boolean().default(false),
  completeBarriers: z.boolean().default(false),
  message: z.string().trim().min(1, { error: 'must not be empty' }).optional(),
});
export type LandingInput = z.infer<typeof LandingInput>;

export const landingVerdict = ({ status }: MergeAnswer): Verdict =>
  status === 'conflicts' || status === 'dry-run-conflicts' ? 'conflict' : 'ok';

/** Lands what was asked for; `land` also with what is configured for it. */
export async function runLandings(
  ports: Ports,
  input: LandingInput,
  command: 'merge' | 'land',
): Promise<Answer<MergeAnswer>> {
  if (input.all && input.worktree.length > 0)
    throw failures.usage('-a and a worktree exclude each other', `wt ${command} -a`);
  if (input.resolve && input.dispatchResolve !== undefined)
    throw failures.usage('--resolve and --dispatch-resolve exclude each other', `wt ${command} --resolve`);
  const hub = await ports.hub();
  if (input.dryRun) for (const { message } of await unfinished(hub)) ports.narrator.note(message);
  else await recover(ports, hub);
  const scene = await openMergeScene(hub);
  const { worktrees } = scene;
  const selected = input.all
    ? worktrees.filter(({ isMain, branch }) => !isMain && (branch === undefined || branch !== input.into))
    : input.worktree.length === 0
      ? [await currentWorktree(hub, command, worktrees)]
      : await selectWorktrees(ports, hub, input.worktree, { prefixForScripts: false, worktrees });

  const commit = input.commit ? { message: input.message } : undefined;
  const landed = await landWorktrees(ports, hub, scene, selected, {
    ...input,
    into: input.into,
    commit,
    cleanup: input.cleanup || command === 'land',
    gates: input.gate,
    configuredGates: command === 'land',
  });
  const [only] = landed;
  const isOne = !input.all && input.worktree.length <= 1;
  if (!isOne || only === undefined) return many(landed.map(({ told }) => told));
  if (only.failure !== undefined && only.told.status === null && !only.begun) throw only.failure;
  if (!input.dryRun) await hub.facts.rememberUsed(only.worktree.path);
  return one(only.told);
}
