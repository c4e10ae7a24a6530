import type { DispatchAnswer } from './answers/dispatch.ts';
import type { Need, WorktreeState } from './answers/status.ts';
import { quote } from './shell.ts';

/** The newest run of a worktree, as far as it decides what is needed. */
export type RunFacts = Pick<DispatchAnswer, 'status' | 'reason'> & {
  /** It was told that it may change nothing. */
  readonly mayBeEmpty: boolean;
  /** There is a session that `--resume` finds. */
  readonly isResumable: boolean;
};

/** What decides what a person should do next about a linked worktree; `undefined` where it could not be read. */
export type NeedFacts = {
  readonly state: WorktreeState | undefined;
  readonly run: RunFacts | undefined;
  /** Files with unmerged stages, as a merge that was begun here leaves them. */
  readonly conflicted: number | undefined;
  readonly isDirty: boolean | undefined;
  /** Landing on the base would conflict. */
  readonly hasConflicts: boolean | undefined;
  readonly ahead: number | undefined;
  readonly behind: number | undefined;
  readonly base: string | undefined;
  readonly isProvisioned: boolean | undefined;
};

/** What a person should do next, the most urgent first; `undefined` where nothing waits for anybody. */
export function needKind(facts: NeedFacts): Need['kind'] | undefined {
  const { state, run } = facts;
  const reason = run?.reason ?? undefined;
  if (state === 'running') return reason === 'rate_limited' ? 'rate_limited' : undefined;
  if (state !== undefined && atWorkOrDone.includes(state)) return undefined;
  if (reason === 'lost') return 'lost';
  if (facts.hasConflicts === true || (facts.conflicted ?? 0) > 0) return 'conflict';
  if (reason === 'rate_limited' || reason === 'timeout') return reason;
  if (run?.status === 'failed') return 'failed';
  if (reason === 'no_commits' && run?.mayBeEmpty === false) return 'failed';
  if (reason === 'denied') return 'denied';
  if (facts.isDirty === true) return 'dirty';
  if (run?.status === 'complete' && (facts.ahead ?? 0) > 0) return 'review';
  if ((facts.behind ?? 0) > 0) return 'stale_base';
  return facts.isProvisioned === false ? 'unprovisioned' : undefined;
}

const atWorkOrDone: readonly WorktreeState[] = ['provisioning', 'merging', 'cleanup', 'dispatched', 'merged'];

/** The need with the command to type; `selector` names the worktree exactly, and is quoted where it has to be. */
export function needOf(facts: NeedFacts, selector: string): Need | undefined {
  const kind = needKind(facts);
  return kind === undefined ? undefined : { kind, command: commandFor(kind, facts, quote(selector)) };
}

function commandFor(kind: Need['kind'], { run, conflicted, base }: NeedFacts, worktree: string): string {
  switch (kind) {
    case 'lost':
    case 'timeout':
    case 'rate_limited':
      if (run?.status === 'running') return `wt wait ${worktree}`;
      return run?.isResumable ? `wt dispatch ${worktree} --resume -p 'go on'` : `wt logs ${worktree}`;
    case 'failed':
    case 'denied':
      return `wt logs ${worktree}`;
    case 'conflict':
      if ((conflicted ?? 0) > 0) return `wt open ${worktree} --shell`;
      return base === undefined ? `wt diff ${worktree}` : `wt merge ${worktree} --resolve`;
    case 'dirty':
      return `wt diff ${worktree}`;
    case 'review':
      return `wt merge ${worktree}`;
    case 'stale_base':
      return base === undefined ? `wt diff ${worktree}` : `wt sync ${worktree}`;
    case 'unprovisioned':
      return `wt provision ${worktree}`;
  }
}

/** The needs in the order in which a person should take them. */
export const needOrder: readonly Need['kind'][] = [
  'lost',
  'conflict',
  'rate_limited',
  'timeout',
  'failed',
  'denied',
  'dirty',
  'review',
  'stale_base',
  'unprovisioned',
];
