import { isFailure } from '../domain/failure.ts';
import { refusal } from '../domain/removal.ts';
import { isRunLock } from '../domain/run-lock.ts';
import type { Worktree } from '../domain/worktree.ts';
import { openGate } from './gate.ts';
import { inspect, judgeAll, type RemovalScene, type Verdict } from './inspection.ts';
import { occupantsOf } from './occupants.ts';
import { emptinessOf } from './overview/emptiness.ts';
import type { Hub } from './ports.ts';
import type { RemovalOptions } from './removal.ts';

export type MergedOptions = Pick<RemovalOptions, 'force' | 'kill'> & {
  readonly now: Date;
  readonly minAgeMs: number;
  /** Also those in which nothing was ever done. */
  readonly empty: boolean;
};

/** More `git status` at once gain nothing. */
const atOnce = 4;

/**
 * The linked worktrees that are done with: their work is in the base, something was done in them, they are old
 * enough, and nobody is there. What could not be told speaks against it.
 */
export async function doneWith(
  hub: Hub,
  scene: RemovalScene,
  options: MergedOptions,
): Promise<readonly Worktree[]> {
  const old: Worktree[] = [];
  for (const worktree of scene.worktrees) if (await isOld(hub, worktree, options)) old.push(worktree);
  const verdicts = await judgeAll(hub, scene, old);
  const gate = openGate(atOnce);
  const done = await Promise.all(
    old.map(async (worktree, index) => {
      const verdict = verdicts[index];
      if (verdict?.judged?.integration.kind !== 'yes') return false;
      const leave = await gate.enter();
      try {
        return await isIdle(hub, scene, worktree, verdict, options);
      } finally {
        leave();
      }
    }),
  );
  return old.filter((_, index) => done[index]);
}

async function isOld(hub: Hub, worktree: Worktree, { now, minAgeMs }: MergedOptions): Promise<boolean> {
  const { isMain, locked, unreadable, gitDir, facts } = worktree;
  if (isMain || unreadable !== undefined || gitDir === undefined) return false;
  if (locked !== undefined && !isRunLock(locked)) return false;
  const madeAt = facts === undefined ? (await hub.git.traces(gitDir)).madeAt : new Date(facts.created_at);
  return madeAt !== undefined && now.getTime() - madeAt.getTime() >= minAgeMs;
}

async function isIdle(
  hub: Hub,
  scene: RemovalScene,
  worktree: Worktree,
  verdict: Verdict,
  options: MergedOptions,
): Promise<boolean> {
  try {
    const look = { force: false, leaving: false, reconcile: false };
    const { facts } = await inspect(hub, scene, worktree, look, verdict);
    if (refusal(facts, options) !== undefined) return false;
    const { isEmpty } = await emptinessOf(hub, worktree, verdict.judged, facts.changes);
    if (isEmpty !== false && !options.empty) return false;
    const { processes } = await occupantsOf(hub, worktree.path);
    return options.kill || processes?.length === 0;
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    return false;
  }
}
