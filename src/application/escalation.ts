import type { Conflict } from '../domain/conflict.ts';
import type { ConflictPolicy } from '../domain/conflict-policy.ts';
import type { EscalatedConflict, PathHistory } from '../domain/escalation.ts';
import { isFailure } from '../domain/failure.ts';
import type { Escalation } from '../domain/resolution.ts';
import type { Sha } from '../domain/sha.ts';
import type { Git } from './ports/git.ts';

export type ConflictsToExplain = {
  readonly targetTip: Sha;
  readonly head: Sha;
  readonly conflicts: readonly Conflict[];
  readonly policy: ConflictPolicy;
  /** What `resolveByPolicy` said of them. */
  readonly escalations?: readonly Escalation[];
};

// A merge that collides in so much is not resolved path by path.
const mostExplained = 200;

/**
 * What the owner of a branch needs to resolve its conflicts, one process per side; what git cannot tell is `null`. The
 * commits are those of the repository (`hub.git`), or of a plan that has not landed (its scratch).
 */
export async function explainConflicts(
  git: Pick<Git, 'pathHistory'>,
  { targetTip, head, conflicts, policy, escalations = [] }: ConflictsToExplain,
): Promise<EscalatedConflict[]> {
  const paths = conflicts.slice(0, mostExplained).map(({ path }) => path);
  const ask = async (tip: Sha, without: Sha): Promise<PathHistory | undefined> => {
    if (paths.length === 0) return new Map();
    try {
      return await git.pathHistory({ tip, without, paths });
    } catch (error) {
      if (isFailure(error, 'git_failed')) return undefined;
      throw error;
    }
  };
  const [ours, theirs] = await Promise.all([ask(targetTip, head), ask(head, targetTip)]);
  const reasons = new Map(escalations.map(({ path, why }) => [path, why]));
  const asked = new Set(paths);
  return conflicts.map((conflict) => {
    const { path, resolution } = conflict;
    const rule = policy(conflict);
    const side = (history: PathHistory | undefined) =>
      history === undefined || !asked.has(path)
        ? { commits: [], count: null }
        : (history.get(path) ?? { commits: [], count: 0 });
    const [mine, yours] = [side(ours), side(theirs)];
    const isEscalated = resolution === null && rule.kind === 'escalate';
    return {
      ...conflict,
      ours: [...mine.commits],
      ours_count: mine.count,
      theirs: [...yours.commits],
      theirs_count: yours.count,
      why: resolution === null ? (reasons.get(path) ?? (isEscalated ? rule.why : undefined) ?? null) : null,
      remedy: isEscalated ? (rule.remedy ?? null) : null,
    };
  });
}
