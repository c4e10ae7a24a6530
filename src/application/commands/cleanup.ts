import * as z from 'zod';
import { CleanupAnswer } from '../../domain/answers/cleanup.ts';
import { parseDuration } from '../../domain/duration.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import { errorBody } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import { defineCommand, many, one } from '../command.ts';
import type { Hub, Ports } from '../ports.ts';
import { recover } from '../recovery.ts';
import {
  blankCleanup,
  openScene,
  previewRemoval,
  type RemovalOptions,
  type RemovalScene,
  removeWorktree,
} from '../removal.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

const Input = z.object({
  worktree: z.array(z.string()).default([]),
  merged: z.boolean().default(false),
  empty: z.boolean().default(false),
  minAge: z.string().default('24h'),
  force: z.boolean().default(false),
  kill: z.boolean().default(false),
  keepBranch: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Removes worktrees into the trash, from which `undo` brings them back whole. */
export const cleanup = defineCommand({
  name: 'cleanup',
  summary: 'Remove worktrees; wt undo brings them back',
  description:
    'Worktree, registration and, when wt made it and its work is in the base, the branch. The folder goes to the\n' +
    'trash as it is, ignored files included.\n\n' +
    '  wt cleanup 6\n  wt cleanup --merged -n      which ones are done with',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: [
    { flags: '--merged', summary: 'those whose work is in the base, clean, idle and older than --min-age' },
    { flags: '--empty', summary: 'with --merged: also those in which nothing was ever done' },
    { flags: '--min-age <duration>', summary: 'with --merged: how old at least (24h, 90m, 0s)' },
    { flags: '-f, --force', summary: 'also with uncommitted changes or commits that are not in the base' },
    { flags: '--kill', summary: 'end the processes that run inside' },
    { flags: '--keep-branch', summary: 'leave the branch' },
    { flags: '-n, --dry-run', summary: 'say what would be removed' },
  ],
  input: Input,
  answer: CleanupAnswer,
  async run(ports, input) {
    if (input.merged && input.worktree.length > 0) {
      throw failures.usage('--merged and a worktree exclude each other', 'wt cleanup --merged');
    }
    const minAgeMs = parseDuration(input.minAge);
    if (minAgeMs === undefined)
      throw failures.usage(`'${input.minAge}' is no duration`, 'wt cleanup --merged --min-age 24h');
    const hub = await ports.hub();
    const bare =
      !input.merged && input.worktree.length === 0 && hub.repository.current === hub.repository.main;
    const dryRun = input.dryRun || bare;
    if (!dryRun) await recover(ports, hub);
    const scene = await openScene(hub);
    const handover = ports.environment.variables.WT_CD_FILE;
    const options: RemovalOptions = {
      force: input.force,
      kill: input.kill,
      keepBranch: input.keepBranch,
      leaving: handover !== undefined && handover !== '' && hub.repository.main !== undefined,
    };
    if (input.merged || bare) {
      const candidates = await mergedOnes(ports, hub, scene, input, minAgeMs);
      const answers = await inTurn(ports, hub, scene, candidates, { ...options, force: false }, dryRun);
      // What is not done with is no error here: it is not what was asked for.
      return many(answers.filter(({ error }) => error === null || error.code === 'git_failed'));
    }
    const selected =
      input.worktree.length === 0
        ? [await currentWorktree(hub, 'cleanup')]
        : await selectWorktrees(ports, hub, input.worktree, {
            prefixForScripts: false,
            worktrees: scene.worktrees,
          });
    const [only] = selected;
    const answers =
      selected.length === 1 && only !== undefined
        ? [await removeOne(ports, hub, scene, only, options, dryRun)]
        : await inTurn(ports, hub, scene, selected, options, dryRun);
    const left = selected.some(
      ({ path }, index) => path === hub.repository.current && answers[index]?.removed === true,
    );
    if (left && options.leaving) await ports.terminal.writeFile(handover ?? '', hub.repository.main ?? '');
    return selected.length === 1 && answers[0] !== undefined ? one(answers[0]) : many(answers);
  },
  view: (answers, _, input) => {
    if (answers.length === 0) return 'nothing to clean up';
    return answers
      .filter(({ error }) => error === null)
      .map((answer) => {
        const why =
          answer.integrated === null ? '' : ` (in the base: ${answer.integrated.replaceAll('_', ' ')})`;
        const branch = answer.branch_deleted ? ' and its branch' : '';
        const name = `${answer.branch ?? answer.worktree_path}${branch}${why}`;
        const warnings = answer.warnings.map(({ message }) => `\n  ${message}`).join('');
        if (!answer.removed) return `would remove ${name}${warnings}`;
        return `removed ${name}\n  ${answer.worktree_path}\n  wt undo ${answer.trash ?? ''} brings it back${warnings}`;
      })
      .concat(
        answers.some(({ removed, error }) => !removed && error === null) && !input.dryRun && !input.merged
          ? ['wt cleanup --merged removes them']
          : [],
      )
      .join('\n');
  },
});

async function removeOne(
  ports: Ports,
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  options: RemovalOptions,
  dryRun: boolean,
): Promise<CleanupAnswer> {
  if (dryRun) return (await previewRemoval(hub, scene, worktree, options)).answer;
  return removeWorktree(ports, hub, scene, worktree, options);
}

async function inTurn(
  ports: Ports,
  hub: Hub,
  scene: RemovalScene,
  worktrees: readonly Worktree[],
  options: RemovalOptions,
  dryRun: boolean,
): Promise<CleanupAnswer[]> {
  const answers: CleanupAnswer[] = [];
  for (const worktree of worktrees) {
    if (ports.narrator.signal.aborted) throw failures.interrupted(String(ports.narrator.signal.reason));
    try {
      answers.push(await removeOne(ports, hub, scene, worktree, options, dryRun));
    } catch (error) {
      if (!isFailure(error)) throw error;
      answers.push({ ...blankCleanup(worktree), error: errorBody(error) });
    }
  }
  return answers;
}

/** The linked worktrees that are old enough and, unless they are wanted, not those in which nothing was done. */
async function mergedOnes(
  ports: Ports,
  hub: Hub,
  scene: RemovalScene,
  input: Input,
  minAgeMs: number,
): Promise<readonly Worktree[]> {
  const now = ports.clock.now().getTime();
  const old = await Promise.all(
    scene.worktrees.map(async (worktree) => {
      if (worktree.isMain || worktree.locked !== undefined || worktree.path === hub.repository.current)
        return false;
      const untouched = worktree.facts !== undefined && worktree.head === worktree.facts.base_sha;
      if (untouched && !input.empty) return false;
      const born =
        worktree.facts === undefined
          ? await hub.folders.born(worktree.path)
          : new Date(worktree.facts.created_at);
      return born !== undefined && now - born.getTime() >= minAgeMs;
    }),
  );
  return scene.worktrees.filter((_, index) => old[index]);
}
