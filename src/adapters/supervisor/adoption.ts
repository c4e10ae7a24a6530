import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { withWarning } from '../../domain/run-evidence.ts';
import { openLocks } from '../lock.ts';
import { livenessOf, ownIdentity } from '../processes.ts';
import { readStop } from './run-folder.ts';
import type { Supervised } from './supervised.ts';

/** Whether a run's supervisor is dead while its claude goes on, and nobody wanted it to end. */
export const isAdoptable = (folder: string, record: DispatchRecord): boolean =>
  record.phase === 'running' &&
  record.stopping === null &&
  record.claude !== null &&
  record.supervisor !== null &&
  livenessOf(record.supervisor) === 'dead' &&
  livenessOf(record.claude) === 'alive' &&
  readStop(folder) === undefined &&
  existsSync(record.dispatch.worktree_path ?? '');

/** Makes this process the supervisor of an orphaned run; `false` when another came first, or claude has ended. */
export async function adopt(run: Supervised): Promise<boolean> {
  const locks = openLocks(join(dirname(dirname(run.folder)), 'locks'));
  return locks.hold(
    'runs',
    async () => {
      const record = run.reload();
      if (!isAdoptable(run.folder, record)) return false;
      const message = `its supervisor died while claude was running; another one took over at ${run.now().toISOString()}`;
      run.save({ ...withWarning(record, 'supervisor_died', message), supervisor: ownIdentity() });
      return true;
    },
    { purpose: 'taking over a run' },
  );
}
