import type { DispatchRecord } from './dispatch.ts';

export type RunPhase = DispatchRecord['phase'];

/**
 * What follows what in a run. Parked, or while a check of `--until` runs, it has no claude, and another attempt may
 * start. What remains of a run whose supervisor has died is concluded from wherever it stood.
 */
const followers: Readonly<Record<RunPhase, readonly RunPhase[]>> = {
  preparing: ['starting', 'ending', 'ended'],
  starting: ['running', 'ending', 'ended'],
  running: ['parked', 'checking', 'ending', 'ended'],
  parked: ['starting', 'ending', 'ended'],
  checking: ['starting', 'parked', 'ending', 'ended'],
  ending: ['ended'],
  ended: [],
};

/** Whether a run may go from one phase to the next; a record may also change within its phase, until it has ended. */
export const mayFollow = (phase: RunPhase, next: RunPhase): boolean =>
  phase === next ? phase !== 'ended' : followers[phase].includes(next);
