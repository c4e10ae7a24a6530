import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Lease, Locks } from '../../application/ports/state.ts';
import type { Changed, StateFile, UpdateOptions } from '../../application/ports/state-files.ts';
import { failures } from '../../domain/failure.ts';
import { isWithin } from '../../domain/tool-guard.ts';
import { atomicWrite } from '../atomic-write.ts';
import { assertWritable, readState, realFile, standingFolder, sweepDrafts } from './disk.ts';
import { noteWritten } from './written.ts';

/** How often a file may change under our hands, by somebody who does not take the lock, before wt gives up. */
const mostAttempts = 5;

class ChangedUnderneath extends Error {}

const held = <T>(locks: Locks, options: UpdateOptions, work: (lease: Lease) => Promise<T>): Promise<T> => {
  const { purpose, signal, onWait, lease, waitMs } = options;
  if (lease !== undefined) return work(lease);
  return locks.hold('repository', work, {
    purpose,
    ...(signal === undefined ? {} : { signal }),
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(onWait === undefined ? {} : { onWait }),
  });
};

/**
 * Changes a file under the lock. The change is worked out before: under the lock, when the file is still the same,
 * only the comparison and the replacement are left.
 */
export async function updateFile<T>(
  locks: Locks,
  path: string,
  change: (file: StateFile) => Promise<Changed<T>>,
  options: UpdateOptions & { readonly stateDir?: string | undefined },
): Promise<T> {
  let file = readState(realFile(path, options.within));
  let changed = await change(file);
  if (changed.text === file.text) return changed.result;
  assertWritable(file.path);
  return held(locks, options, async (lease) => {
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const current = readState(realFile(path, options.within));
      if (current.text !== file.text || current.path !== file.path) {
        file = current;
        changed = await change(file);
      }
      if (changed.text === file.text) return changed.result;
      try {
        if (options.stateDir !== undefined) noteWritten(options.stateDir, file.path, changed.text);
        replace(path, file, changed.text, lease, options);
        return changed.result;
      } catch (error) {
        if (!(error instanceof ChangedUnderneath)) throw error;
      }
    }
    throw failures.changedMeanwhile(dirname(file.path), [file.path]);
  });
}

function replace(path: string, file: StateFile, text: string, lease: Lease, options: UpdateOptions): void {
  assertWritable(file.path);
  sweepDrafts(file.path);
  atomicWrite(file.path, text, {
    beforeCommit: () => {
      lease.assertHeld();
      if (realFile(path, options.within) !== file.path || readState(file.path).text !== file.text)
        throw new ChangedUnderneath();
    },
  });
}

/** Makes a new file under the lock, with its folders. */
export async function createFile(
  locks: Locks,
  path: string,
  text: string,
  options: UpdateOptions,
): Promise<void> {
  const assertInside = () => {
    const real = realpathSync(standingFolder(path));
    if (!isWithin(realpathSync(options.within), real)) throw failures.outsideRepository(path, real);
  };
  const assertAbsent = () => {
    if (existsSync(path))
      throw failures.pathExists(path, 'there is a file already', '--file <yaml> names another one');
  };
  assertAbsent();
  await held(locks, options, async (lease) => {
    assertInside();
    mkdirSync(dirname(path), { recursive: true });
    assertInside();
    atomicWrite(path, text, {
      mode: 0o644,
      beforeCommit: () => {
        lease.assertHeld();
        assertAbsent();
      },
    });
  });
}
