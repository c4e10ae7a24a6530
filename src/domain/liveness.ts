import type { ProcessIdentity } from './process.ts';

/** `unknown`: recorded where pids mean something else (another host or container), so nothing may be concluded. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** Where the observer is: pids are comparable only within it. */
export type ProcessPlace = Pick<ProcessIdentity, 'boot_id' | 'hostname' | 'pid_namespace'>;

/** What the observer sees at the recorded pid: nothing there, or one that the system does not show to us. */
export type ProcessObservation = ProcessPlace & {
  readonly process: { readonly start_time: string; readonly zombie: boolean } | 'hidden' | undefined;
};

/**
 * Whether the recorded process still runs. A boot has an id of its own, so that the name of the host matters only
 * where that cannot be read, or differs: a laptop changes its name on the way. A zombie is dead: where pid 1 does not
 * reap it stays for ever.
 */
export function liveness(recorded: ProcessIdentity, observed: ProcessObservation): Liveness {
  const isSameBoot = recorded.boot_id !== null && recorded.boot_id === observed.boot_id;
  if (!isSameBoot && recorded.hostname !== observed.hostname) return 'unknown';
  if (recorded.pid_namespace !== observed.pid_namespace) return 'unknown';
  const rebooted = !isSameBoot && recorded.boot_id !== null && observed.boot_id !== null;
  if (rebooted || observed.process === undefined) return 'dead';
  if (observed.process === 'hidden' || recorded.start_time === '') return 'unknown';
  if (observed.process.zombie) return 'dead';
  return observed.process.start_time === recorded.start_time ? 'alive' : 'dead';
}
