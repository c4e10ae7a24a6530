import { join } from 'node:path';
import { expect } from 'vitest';
import { conflictMatrix } from '../../src/application/conflict-matrix.ts';
import { openSight } from '../../src/application/conflict-work.ts';
import { ConflictsAnswer } from '../../src/domain/answers/conflicts.ts';
import type { Sha } from '../../src/domain/sha.ts';
import { type MergeScene, mergeScene } from './merges.ts';

export const lines = (at?: number, text = 'changed') =>
  Array.from({ length: 20 }, (_, line) => `${line === at ? text : `line ${line}`}\n`).join('');

type Options = {
  readonly headsOnly?: boolean;
  readonly against?: string;
  readonly selected?: readonly string[];
};

/** The matrix of conflicts as `wt conflicts` asks for it. */
export async function look(made: MergeScene, { headsOnly = false, against, selected }: Options = {}) {
  const hub = await made.hub();
  made.commands.length = 0;
  const worktrees = await hub.git.worktrees();
  const options = {
    worktrees,
    refs: await hub.git.refs(['refs/heads']),
    against:
      against === undefined ? undefined : { ref: against, sha: (await hub.git.commit(against)) as Sha },
    selected: selected && new Set(worktrees.filter(({ branch }) => selected.includes(branch ?? ''))),
  };
  const answer = await conflictMatrix(hub.trials, options, headsOnly ? undefined : openSight(hub));
  expect(ConflictsAnswer.parse(answer)).toEqual(answer);
  return answer;
}

/** The pairs that collide, each with its paths and how. */
export const short = ({ pairs }: ConflictsAnswer) =>
  pairs.map(({ a, b, conflicts }) => [a, b, ...conflicts.map(({ path, kind }) => `${path} ${kind}`)]);
export const codes = ({ warnings }: ConflictsAnswer) => warnings.map(({ code }) => code);
/** How many processes judged merges. */
export const merges = (made: MergeScene) =>
  made.commands.filter((line) => line.includes('merge-tree')).length;
/** Where it is remembered what collides. */
export const book = ({ repo }: MergeScene) => join(repo.path, '.git', 'wt', 'cache', 'conflicts.json');

/** Three branches: a and b collide with each other, b with its base, c with nobody. */
export const three = () => {
  const made = mergeScene({
    base: { f: lines(), g: lines(), 'sub/h': lines() },
    branches: { a: { f: lines(5, 'a') }, b: { f: lines(5, 'b'), g: null }, c: { 'sub/h': lines(3) } },
  });
  made.commit({ g: lines(9) });
  return made;
};
