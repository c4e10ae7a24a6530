import type { DispatchAnswer } from './answers/dispatch.ts';
import type { WorktreeState } from './answers/status.ts';
import type { IntentOperation } from './intent.ts';

/** A fact that was found, or `unknown` where it could not be read. */
export type Known<T> = T | 'unknown';

/** What a worktree's state depends on. */
export type StateFacts = {
  /** The unfinished operation here. */
  readonly operation: Known<IntentOperation | undefined>;
  /** The newest run. */
  readonly run: Known<Pick<DispatchAnswer, 'status' | 'pid'> | undefined>;
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
};

/** The first state that applies; `undefined` where it depends on something that could not be read. */
export function worktreeState(facts: StateFacts): WorktreeState | undefined {
  const { operation, run } = facts;
  if (operation === 'unknown') return undefined;
  if (operation !== undefined) return stateOfOperation[operation];
  if (run === 'unknown') return undefined;
  if (run?.status === 'running') return run.pid === null ? 'dispatched' : 'running';
  const isMerged = all(facts.isIntegrated, not(facts.isEmpty), not(facts.isDirty));
  if (isMerged === 'unknown') return undefined;
  if (isMerged) return 'merged';
  if (run === undefined) return 'ready';
  return run.status === 'complete' ? 'completed' : 'failed';
}

const not = (fact: Known<boolean>): Known<boolean> => (fact === 'unknown' ? fact : !fact);

const all = (...facts: readonly Known<boolean>[]): Known<boolean> =>
  facts.includes(false) ? false : facts.includes('unknown') ? 'unknown' : true;
