import * as z from 'zod';
import type { ConflictsAnswer } from '../../domain/answers/conflicts.ts';
import { failures } from '../../domain/failure.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { defineCommand, one } from '../command.ts';
import { conflictMatrix } from '../conflict-matrix.ts';
import { type ConflictViewOptions, conflictAtPathView, conflictView } from '../conflict-view.ts';
import type { Hub, Ports } from '../ports.ts';
import { unfinished } from '../unfinished.ts';

const Input = z.object({
  worktree: z.array(z.string()).default([]),
  against: z.string().min(1, { error: 'must not be empty' }).optional(),
  path: z.string().min(1, { error: 'must not be empty' }).optional(),
  headsOnly: z.boolean().default(false),
  watch: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Shows which worktrees would conflict with each other and with their bases. */
export const conflicts = defineCommand({
  name: 'conflicts',
  summary: 'Show which worktrees conflict with each other or with their base',
  description:
    'Every pair of worktrees, and each with its base, is merged in memory: what is not committed counts too, and\n' +
    "nobody's index, branch or files are touched. With worktrees named, the pairs that they are in. Exit 3 when any\n" +
    'pair conflicts. What was tried before is remembered, so looking again costs little.\n\n' +
    '  wt conflicts                      every pair\n' +
    '  wt conflicts 6                    what worktree 6 collides with\n' +
    '  wt conflicts --against v2.1       each with another branch, tag or commit\n' +
    '  wt conflicts --path src/a.ts      would an edit of this file collide, and with whom\n' +
    '  wt conflicts --heads-only --json | jq .pairs\n' +
    '  wt conflicts --watch              again whenever something changes, until Ctrl-C',
  args: [{ name: 'worktree', summary: 'only the pairs of these; all when left out', variadic: true }],
  options: [
    { flags: '--against <ref>', summary: 'each with this instead of its base and the others' },
    {
      flags: '--path <file>',
      summary: 'who else changes this file, and would collide with an edit of it here',
    },
    { flags: '--heads-only', summary: 'only what is committed; a great deal faster' },
    { flags: '--watch', summary: 'go on, and show it again when it has changed, until Ctrl-C' },
  ],
  input: Input,
  answer: async () => (await import('../../domain/answers/conflicts.ts')).ConflictsAnswer,
  async run(ports, input) {
    if (input.path !== undefined && (input.against !== undefined || input.worktree.length > 1))
      throw failures.usage(
        '--path takes one worktree, and no --against',
        'wt conflicts <worktree> --path <file>',
      );
    const hub = await ports.hub();
    if (!input.watch) return one(await matrix(ports, hub, input));
    await matrix(ports, hub, input); // what is wrong with the arguments is a failure, and not only told
    const quiet = { ...ports, narrator: { ...ports.narrator, note: () => {} } };
    const { watchConflicts } = await import('../conflict-watch.ts');
    return watchConflicts(ports, hub, {
      view: (answer, options) => textOf(answer, options, input),
      headsOnly: input.headsOnly,
      again: () => matrix(quiet, hub, input),
    });
  },
  verdict: ({ pairs }) => (pairs.length > 0 ? 'conflict' : 'ok'),
  view: ([answer], options, input) => (answer === undefined ? '' : textOf(answer, options, input)),
});

const textOf = (answer: ConflictsAnswer, options: ConflictViewOptions, { path }: Input): string =>
  path === undefined ? conflictView(answer, options) : conflictAtPathView(answer, options);

/** Resolves what was asked for and looks once. */
async function matrix(ports: Ports, hub: Hub, input: Input): Promise<ConflictsAnswer> {
  const [worktrees, refs, left] = await Promise.all([
    hub.git.worktrees(),
    hub.git.refs(['refs/heads', 'refs/remotes/origin/HEAD']),
    unfinished(hub),
  ]);
  const selected =
    input.worktree.length === 0 ? undefined : await select(ports, hub, input.worktree, worktrees);
  if (input.path !== undefined) {
    const [one] = selected ?? [];
    const at = { worktrees, selected: one, file: input.path, headsOnly: input.headsOnly };
    const { conflictsAtPath } = await import('../conflict-at-path.ts');
    const answer = await conflictsAtPath(ports, hub, at);
    return { ...answer, warnings: [...left, ...answer.warnings] };
  }
  const ref = input.against;
  const sha = ref === undefined ? undefined : await hub.git.commit(ref);
  if (ref !== undefined && sha === undefined)
    throw failures.withHint(failures.baseNotFound(ref), 'git branch -a and git tag show what there is');
  const against = ref === undefined || sha === undefined ? undefined : { ref, sha };
  const { headsOnly } = input;
  const sight = headsOnly ? undefined : (await import('../conflict-work.ts')).openSight(hub);
  const answer = await conflictMatrix(hub.trials, { worktrees, refs, selected, against }, sight);
  return { ...answer, warnings: [...left, ...answer.warnings] };
}

async function select(ports: Ports, hub: Hub, words: readonly string[], worktrees: readonly Worktree[]) {
  const { selectWorktrees } = await import('../selection.ts');
  return new Set(await selectWorktrees(ports, hub, words, { worktrees, unreadableToo: true }));
}
