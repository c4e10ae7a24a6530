import { baseOf } from '../domain/base.ts';
import type { ConflictPolicy } from '../domain/conflict-policy.ts';
import { type Contender, landingOrder } from '../domain/landing-order.ts';
import type { Candidate } from '../domain/merge-plan.ts';
import type { MergeProbe } from '../domain/merge-probe.ts';
import type { Target } from './landing-target.ts';
import type { MergeScene } from './merge-candidates.ts';
import type { Hub } from './ports.ts';
import { probeRemembered } from './remembered.ts';

/** A candidate with when its work was done. */
export type Aged = { readonly candidate: Candidate; readonly age: string };

/** A candidate's turn; `why` is told where there was a choice. */
export type Turned = { readonly candidate: Candidate; readonly why: string | undefined };

/** The order in which candidates are judged and land: every pair is merged in memory once, in one process per target. */
export async function orderCandidates(
  hub: Hub,
  { worktrees, refs }: Pick<MergeScene, 'worktrees' | 'refs'>,
  targets: ReadonlyMap<string, Target>,
  all: readonly Aged[],
  policy: ConflictPolicy,
): Promise<readonly Turned[]> {
  if (all.length < 2) return all.map(({ candidate }) => ({ candidate, why: undefined }));
  const conflicting = await conflictingPairs(hub, targets, all, policy);
  const contenders = all.map(({ candidate, age }, at): Contender => {
    const worktree = worktrees.find(({ path }) => path === candidate.worktreePath);
    const base = worktree === undefined ? undefined : baseOf(worktree, refs)?.branch;
    return {
      name: candidate.name,
      branch: candidate.branch,
      target: candidate.target,
      base,
      conflictsWith: conflicting.with(at),
      conflictsWithTarget: conflicting.target(at),
      age,
    };
  });
  return landingOrder(contenders).map(({ at, why }) => ({ candidate: (all[at] as Aged).candidate, why }));
}

/** Whether nothing of it is likely to be left to a person. */
const mergesAlone = (probe: MergeProbe | undefined, policy: ConflictPolicy): boolean =>
  probe?.kind === 'clean' ||
  (probe?.kind === 'conflicts' && probe.conflicts.every((conflict) => policy(conflict).kind !== 'escalate'));

/** Who conflicts with whom among those with one target, and with the target. What git cannot merge counts too. */
async function conflictingPairs(
  hub: Hub,
  targets: ReadonlyMap<string, Target>,
  all: readonly Aged[],
  policy: ConflictPolicy,
) {
  const among = all.map((): number[] => []);
  const withTarget = new Set<number>();
  for (const { branch, tip, checkout } of targets.values()) {
    const mine = [...all.keys()].filter((at) => all[at]?.candidate.target === branch);
    if (mine.length < 2) continue;
    const head = (at: number) => (all[at] as Aged).candidate.head;
    const pairs = mine.flatMap((a, index) => mine.slice(index + 1).map((b) => ({ a, b })));
    const probes = await probeRemembered(
      hub,
      [
        ...mine.map((at) => ({ ours: tip.commit, theirs: head(at) })),
        ...pairs.map(({ a, b }) => ({ ours: head(a), theirs: head(b) })),
      ],
      { commit: tip.commit, checkout },
    );
    const isClean = (index: number) => mergesAlone(probes[index], policy);
    for (const [index, at] of mine.entries()) if (!isClean(index)) withTarget.add(at);
    for (const [index, { a, b }] of pairs.entries()) {
      if (isClean(mine.length + index)) continue;
      among[a]?.push(b);
      among[b]?.push(a);
    }
  }
  return { with: (at: number) => among[at] ?? [], target: (at: number) => withTarget.has(at) };
}
