import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { runLock, runLockOwner } from '../../domain/run-lock.ts';
import type { Warning } from '../../domain/warning.ts';
import { atomicWrite } from '../atomic-write.ts';
import { identify, ownIdentity } from '../processes.ts';
import { readLine } from '../trash/identity.ts';

/** The file by which git knows that a worktree is locked; none for the main one, which git does not lock. */
function lockFile({ git_dir: gitDir }: DispatchRecord): string | undefined {
  const isLinked = gitDir !== null && existsSync(join(gitDir, 'commondir'));
  return isLinked ? join(gitDir, 'locked') : undefined;
}

/**
 * Locks the worktree of a run in the name of this process, also in the place of the supervisor before it, or of a run
 * that is over. A lock of anybody else stays as it is. A worktree that cannot be locked is a warning.
 */
export function lockWorktree(record: DispatchRecord): Warning[] {
  const file = lockFile(record);
  if (file === undefined) return [];
  const dispatchId = record.dispatch.dispatch_id ?? '';
  const reason = `${runLock(dispatchId, ownIdentity())}\n`;
  try {
    try {
      writeFileSync(file, reason, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = runLockOwner(readLine(file));
      if (owner === undefined) return [];
      const isHeld = owner.id !== dispatchId && identify(owner.pid)?.start_time === owner.startTime;
      if (!isHeld) atomicWrite(file, reason);
    }
    return [];
  } catch (error) {
    return [{ code: 'not_locked', message: `the worktree could not be locked: ${(error as Error).message}` }];
  }
}

/** Takes the lock of a run away, whichever process took it. */
export function unlockWorktree(record: DispatchRecord): void {
  const file = lockFile(record);
  if (file === undefined || runLockOwner(readLine(file))?.id !== record.dispatch.dispatch_id) return;
  try {
    rmSync(file, { force: true });
  } catch {
    // nobody may write there any more; a lock whose process is gone holds nothing up
  }
}
