import { judgeLock, type LockFile, leastAgeMs } from '../../domain/lock-file.ts';
import type { Hub } from '../ports.ts';

/**
 * Removes the locks that a git left which was killed together with its wt: until they go, every other git fails. A git
 * that holds one was there when the lock was first seen; when none of those is left and the lock still is, nobody
 * holds it. What is not proven so in a few seconds stays, and `wt doctor` finds it.
 */
export async function dropDeadLocks(
  { clinic }: Pick<Hub, 'clinic'>,
  since: Date,
  patienceMs = 2_000,
): Promise<void> {
  let held = (await clinic.lockFiles(since)).map((file) => ({ file, suspects: pidsAt(file) }));
  for (let waited = 0; held.length > 0 && waited < patienceMs; waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const seen = new Map((await clinic.lockFiles(since)).map((file) => [file.path, file]));
    const still: typeof held = [];
    for (const { file, suspects } of held) {
      const now = seen.get(file.path);
      if (now === undefined || now.ageMs < file.ageMs) continue; // released; another's by now, if there is one
      const left = new Set([...pidsAt(now)].filter((pid) => suspects.has(pid)));
      const isDead = left.size === 0 && judgeLock(proven(now)).kind === 'dead';
      if (!isDead) still.push({ file, suspects: left });
      else await clinic.dropLock(now);
    }
    held = still;
  }
}

const pidsAt = ({ gits, open }: LockFile) =>
  new Set([...(gits ?? []), ...(open ?? [])].map(({ pid }) => pid));

/** As it is judged once no git is at work that could hold it: those that came later cannot, however young it is. */
const proven = (file: LockFile): LockFile => ({
  ...file,
  ageMs: leastAgeMs,
  gits: file.gits === undefined ? undefined : [],
});
