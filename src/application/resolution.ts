import type { ConflictPolicy } from '../domain/conflict-policy.ts';
import type { MergeProbe } from '../domain/merge-probe.ts';
import { type Escalation, unionCandidates } from '../domain/resolution.ts';
import type { Scratch } from './ports/landing.ts';

/** A probe after the policy was applied to it. */
export type Resolved = {
  /** Clean with `resolved` when nothing is left to a person; else each conflict with what could be done for it. */
  readonly probe: MergeProbe;
  /** The conflicts that a person has to look at, and why. */
  readonly escalations: readonly Escalation[];
};

/** Resolves what the policy lets be resolved without a guess; a merge is taken whole or not at all. */
export async function resolveByPolicy(
  scratch: Pick<Scratch, 'resolve'>,
  probe: MergeProbe,
  policy: ConflictPolicy,
): Promise<Resolved> {
  if (probe.kind !== 'conflicts') return { probe, escalations: [] };
  const { conflicts, merged } = probe;
  if (merged === undefined) throw new TypeError('the merge is not in the scratch any more');
  const { candidates, escalations } = unionCandidates(conflicts, merged, policy);
  if (candidates.length === 0) return { probe, escalations };
  const { tree, resolved, refused } = await scratch.resolve(probe, candidates);
  const done = new Set(resolved);
  const by = new Map(candidates.map((candidate) => [candidate.path, candidate.by]));
  const judged = conflicts.map((conflict) =>
    done.has(conflict.path) ? { ...conflict, resolution: by.get(conflict.path) ?? null } : conflict,
  );
  return {
    probe: tree === undefined ? { ...probe, conflicts: judged } : { kind: 'clean', tree, resolved: judged },
    escalations: [...escalations, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}
