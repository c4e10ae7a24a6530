import type { Base } from '../../domain/base.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Judged } from '../integration.ts';

/** Why what is registered, or what wt recorded, of a worktree is not known. */
export const recordWarnings = ({ unreadable, gitDir, isMain, path }: Worktree): Warning[] => [
  ...(unreadable === undefined ? [] : [{ code: unreadable.code, message: unreadable.message }]),
  ...(gitDir === undefined && !isMain
    ? [
        {
          code: 'registration_broken',
          message: `git keeps no folder for ${path}; git worktree repair may mend it`,
        },
      ]
    : []),
];

/** Why it is not known how a worktree stands to its base. */
export const baseWarnings = (
  worktree: Worktree,
  base: Base | undefined,
  judged: Judged | undefined,
  upstream: Judged | undefined,
): readonly Warning[] => [
  ...missingBase(worktree, base),
  ...judgedWarnings(worktree, base, judged),
  ...(base === undefined ? [] : revertedWarnings(worktree, `the upstream of ${base.branch}`, upstream)),
];

/** Why a worktree has no base. */
export function missingBase(
  { facts, branch, isMain, unreadable }: Worktree,
  base: Pick<Base, 'branch'> | undefined,
): Warning[] {
  if (base !== undefined || isMain || unreadable !== undefined) return [];
  if (facts === undefined) {
    const message = 'no base is known: there is no upstream and no default branch; wt merge takes --into';
    return [{ code: 'base_unknown', message }];
  }
  if (facts.base === null || facts.base === branch) return [];
  return [{ code: 'base_gone', message: `its base branch ${facts.base} does not exist any more` }];
}

function judgedWarnings(
  { head, facts }: Pick<Worktree, 'head' | 'facts'>,
  base: Base | undefined,
  judged: Judged | undefined,
): Warning[] {
  if (base === undefined || head === undefined || judged === undefined) return [];
  const { divergence, probe, integration } = judged;
  if (divergence === undefined) {
    return [{ code: 'history_unreadable', message: `git could not compare ${head} with ${base.branch}` }];
  }
  const warnings: Warning[] = [];
  if (divergence.mergeBases.length === 0) {
    warnings.push({ code: 'unrelated_histories', message: `it has no commit in common with ${base.branch}` });
  }
  if (probe?.kind === 'unknown') {
    warnings.push({ code: 'conflicts_unknown', message: `whether it conflicts is not known: ${probe.why}` });
  }
  if (integration.kind === 'unknown') {
    const message = `whether its work is in ${base.branch} is not known: ${integration.why}`;
    warnings.push({ code: 'integration_unknown', message });
  }
  warnings.push(...revertedWarnings({ head, facts }, base.branch, judged));
  return warnings;
}

function revertedWarnings(
  { head, facts }: Pick<Worktree, 'head' | 'facts'>,
  where: string,
  judged: Judged | undefined,
): Warning[] {
  if (judged?.integration.kind !== 'ask' || facts?.base_sha === head) return [];
  const message = `its work was landed on ${where}, and ${judged.integration.revertedBy.slice(0, 10)} took it back`;
  return [{ code: 'landing_reverted', message }];
}
