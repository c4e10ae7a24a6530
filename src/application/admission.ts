import { type Failure, failures, isFailure } from '../domain/failure.ts';
import { auditWarnings, lossesOf } from '../domain/merge-audit.ts';
import type { Candidate } from '../domain/merge-plan.ts';
import { protectedChanges } from '../domain/protected-paths.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import { markerWarnings } from './marker-warnings.ts';
import { auditMerges } from './merge-audit.ts';
import { pathsChanged } from './orchestration-guard.ts';
import type { Hub } from './ports.ts';

export type AdmissionRules = {
  /** Globs of what a branch may not change (`merge.protected`). */
  readonly protected: readonly string[];
  /** Globs or paths of that which may be changed all the same, and of what is meant to have the markers of a conflict. */
  readonly accept: readonly string[];
  /** Lands also what the branch's merges took away outside of their conflicts. */
  readonly acceptOutside: boolean;
  /** Takes what was found before: for a dry run. */
  readonly remembered: boolean;
};

export type Admission = { readonly failure?: Failure; readonly warnings: readonly Warning[] };

/** Whether what a branch contains may land at all, whatever it merges into. */
export async function admit(
  hub: Hub,
  candidate: Candidate,
  tip: Sha,
  rules: AdmissionRules,
): Promise<Admission> {
  const { name, head, target } = candidate;
  try {
    const [audit, marked] = await Promise.all([
      auditMerges(hub, { tip: head, since: [tip], remembered: rules.remembered }),
      head === tip ? [] : markerWarnings(hub, name, { since: tip, tip: head }, rules.accept),
    ]);
    const warnings = [...auditWarnings(audit), ...marked];
    const losses = lossesOf(audit);
    if (losses.length > 0 && !rules.acceptOutside)
      return { failure: failures.outsideChanges(name, losses), warnings };
    const paths = await changedBy(hub, candidate, tip, rules);
    if (paths.length > 0) return { failure: failures.protectedPaths(name, target, paths), warnings };
    return { warnings };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { failure: error, warnings: [] };
  }
}

/** The protected paths that a branch changes since it parted from its target. */
async function changedBy(
  hub: Hub,
  candidate: Candidate,
  tip: Sha,
  { protected: globs, accept }: AdmissionRules,
): Promise<readonly string[]> {
  if (globs.length === 0) return [];
  return protectedChanges(await pathsChanged(hub, candidate, tip), globs, accept);
}
