import type { RunningProcess } from './process.ts';

/** A file by which a git keeps others from a ref or an index while it writes; git does not say in it who it is. */
export type LockFile = {
  readonly path: string;
  readonly ageMs: number;
  /** Whether it was made by a user whose processes we see: that is ourselves, or anybody when we are root. */
  readonly isOwnersVisible: boolean;
  /** Who has it open; `undefined` when that cannot be known. */
  readonly open: readonly Pick<RunningProcess, 'pid' | 'command'>[] | undefined;
  /** The gits that are at work in this repository. */
  readonly gits: readonly Pick<RunningProcess, 'pid' | 'command'>[] | undefined;
};

export type LockVerdict =
  | { readonly kind: 'dead' }
  | { readonly kind: 'held'; readonly by: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** How old a lock must be: a git that has just made it may have appeared after the look at the processes. */
export const leastAgeMs = 60_000;

/** Whether nobody can be holding a lock any more. What is not proven is not said. */
export function judgeLock({ ageMs, isOwnersVisible, open, gits }: LockFile): LockVerdict {
  const [holder] = [...(open ?? []), ...(gits ?? [])];
  if (holder !== undefined) return { kind: 'held', by: `${holder.command} (${holder.pid})` };
  if (open === undefined || gits === undefined)
    return { kind: 'unknown', why: 'which processes have it open cannot be seen here' };
  if (!isOwnersVisible)
    return { kind: 'unknown', why: 'it belongs to another user, whose processes cannot be seen' };
  if (ageMs < leastAgeMs) return { kind: 'unknown', why: 'it is younger than a minute' };
  return { kind: 'dead' };
}
