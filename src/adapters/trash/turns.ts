import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { firstLook } from '../../domain/expiry.ts';
import type { Repository } from '../../domain/repository.ts';
import { draftOf, sweepTemporaries } from '../atomic-write.ts';

type Place = Pick<Repository, 'stateDir'>;

/** An empty file whose time of change says when the trash is looked at next; none while nothing is in it. */
const stampOf = ({ stateDir }: Place): string => join(stateDir, 'cache', 'trash-due');

function dueAt(stamp: string): number | undefined {
  try {
    return statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  } catch {
    return undefined; // something else is where the control plane belongs
  }
}

/** Whether it is time, and nobody else was faster: of several that rename the stamp one succeeds. */
export function claimLook(repository: Place, now: Date): boolean {
  const stamp = stampOf(repository);
  const due = dueAt(stamp);
  if (due === undefined || due > now.getTime()) return false;
  const taken = draftOf(stamp);
  try {
    renameSync(stamp, taken);
    if (statSync(taken).mtimeMs > now.getTime()) {
      renameSync(taken, stamp); // the next one, which somebody faster has set since
      return false;
    }
    rmSync(taken, { force: true });
  } catch {
    return false; // somebody was faster, or the repository is read-only
  }
  sweepTemporaries(dirname(stamp), 60_000);
  lookAgain(repository, firstLook(now)); // should this one come to nothing
  return true;
}

/**
 * Sets the time of the next look, in one step: a stamp that had the time of its making for a moment would be due at
 * once. Without the stamp it is set by the next removal.
 */
export function lookAgain(repository: Place, at: Date | undefined): void {
  const stamp = stampOf(repository);
  try {
    if (at === undefined) {
      rmSync(stamp, { force: true });
      return;
    }
    mkdirSync(dirname(stamp), { recursive: true, mode: 0o700 });
    const fresh = draftOf(stamp);
    writeFileSync(fresh, '', { mode: 0o600 });
    utimesSync(fresh, at, at);
    renameSync(fresh, stamp);
  } catch {
    // a read-only repository has no trash that anything could be deleted from
  }
}

/** Something was put into the trash: it is looked at an hour from now at the latest. */
export function noteRemoval(repository: Place, now: Date): void {
  const due = dueAt(stampOf(repository));
  const first = firstLook(now);
  if (due === undefined || due > first.getTime()) lookAgain(repository, first);
}
