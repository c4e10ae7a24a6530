import type { DoctorCheck } from '../../domain/answers/doctor.ts';
import { formatDuration } from '../../domain/duration.ts';
import { judgeLock, type LockFile } from '../../domain/lock-file.ts';
import { quote } from '../../domain/shell.ts';
import { type Check, check, mended } from './examination.ts';

/** Lock files that gits left which were killed: until they go every other git fails. */
export const examineLockFiles: Check = async (examination) => {
  const { hub, fix } = examination;
  const found: DoctorCheck[] = [];
  for (const file of await hub.clinic.lockFiles()) {
    const verdict = judgeLock(file);
    const what = `${file.path} is ${age(file)} old`;
    const byHand = `rm ${quote(file.path)}, when you know that no git is at work`;
    if (verdict.kind === 'held')
      found.push(check('lock_file', 'ok', `${what}; ${verdict.by} is at work here`));
    else if (verdict.kind === 'unknown')
      found.push(
        check(
          'lock_file',
          'warning',
          `${what}, and whether its git lives is not known: ${verdict.why}`,
          byHand,
        ),
      );
    else {
      const left = check(
        'lock_file',
        'problem',
        `${what}, and the git that made it is dead`,
        'wt doctor --fix',
      );
      found.push(
        await mended(examination, left, async () => {
          // Looked at again, under the lock: a git may have begun meanwhile.
          const now = (await hub.clinic.lockFiles()).find(({ path }) => path === file.path);
          if (now === undefined) return `${file.path} has gone meanwhile`;
          const isGone = judgeLock(now).kind === 'dead' && (await hub.clinic.dropLock(now));
          return isGone
            ? `removed ${file.path}`
            : check('lock_file', 'ok', `${file.path} is in use after all, and stays`);
        }),
      );
    }
  }
  if (found.length > 0 || fix) return found.length > 0 ? found : [none];
  return [none];
};

const none = check('lock_file', 'ok', 'no git has left a lock behind');

const age = ({ ageMs }: LockFile): string => formatDuration(Math.max(1000, Math.floor(ageMs / 1000) * 1000));
