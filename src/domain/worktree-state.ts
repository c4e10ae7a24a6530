import type { DispatchAnswer } from './answers/dispatch.ts';
import type { WorktreeState } from './answers/status.ts';
import type { IntentOperation } from './intent.ts';

/** A fact that was found, or `unknown` where it could not be read. */
export type Known<T> = T | 'unknown';

/** What the state takes from a run. */
export type RunState = Pick<DispatchAnswer, 'status' | 'reason' | 'pid'> &
  Partial<Pick<DispatchAnswer, 'attempts'>>;

/** The state that a worktree has by its newest run alone. */
export function stateByRun(
  run: RunState | undefined,
): 'ready' | 'dispatched' | 'running' | 'completed' | 'failed' {
  if (run === undefined) return 'ready';
  if (run.status === 'complete') return 'completed';
  if (run.status !== 'running') return 'failed';
  // Parked by a limit, between two attempts, or while its work is checked it has no claude.
  const hadClaude = run.reason !== null || run.attempts?.some(({ pid }) => pid !== null);
  return run.pid === null && !hadClaude ? 'dispatched' : 'running';
}

/** What a worktree's state depends on. */
export type StateFacts = {
  /** The unfinished operation here. */
  readonly operation: Known<IntentOperation | undefined>;
  /** The newest run. */
  readonly run: Known<RunState | undefined>;
  /** Whether its work is in the base; `false` where there is no base. */
  readonly isIntegrated: Known<boolean>;
  readonly isEmpty: Known<boolean>;
  readonly isDirty: Known<boolean>;
};

const stateOfOperation: Record<IntentOperation, WorktreeState> = {
  create: 'provisioning',
  provision: 'provisioning',
  merge: 'merging',
  cleanup: 'cleanup',
  undo: 'cleanup',
  expiry: 'cleanup',
  gate: 'merging',
};

/** The first state that applies; `undefined` where it depends on something that could not be read. */
export function worktreeState(facts: StateFacts): WorktreeState | undefined {
  const { operation, run } = facts;
  if (operation === 'unknown') return undefined;
  if (operation !== undefined) return stateOfOperation[operation];
  if (run === 'unknown') return undefined;
  const rest = stateByRun(run);
  if (rest === 'dispatched' || rest === 'running') return rest;
  const isMerged = all(facts.isIntegrated, not(facts.isEmpty), not(facts.isDirty));
  if (isMerged === 'unknown') return undefined;
  return isMerged ? 'merged' : rest;
}

const not = (fact: Known<boolean>): Known<boolean> => (fact === 'unknown' ? fact : !fact);

const all = (...facts: readonly Known<boolean>[]): Known<boolean> =>
  facts.includes(false) ? false : facts.includes('unknown') ? 'unknown' : true;
