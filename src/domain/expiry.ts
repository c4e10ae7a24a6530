import type { Survey } from './attic.ts';
import type { TrashEntry } from './trash.ts';

export type ExpiryLimits = {
  readonly keepMs: number;
  /** What all entries together may take, in bytes. */
  readonly maxSize: number;
};

/** An entry with what is known of it. */
export type Surveyed = { readonly entry: TrashEntry; readonly survey: Survey | undefined };

/** However large, what was removed this lately stays: it is what somebody may be about to bring back. */
export const graceMs = 24 * 60 * 60 * 1000;

export const removedAt = ({ removed_at }: TrashEntry): number => Date.parse(removed_at);

/** When the time of an entry is over. */
export const expiresAt = (entry: TrashEntry, { keepMs }: Pick<ExpiryLimits, 'keepMs'>): Date =>
  new Date(removedAt(entry) + keepMs);

/**
 * The entries whose time is over, and the oldest of those that are too much together. An entry that cannot expire
 * counts, but nothing else goes in its place than what would have gone anyway.
 */
export function expired(all: readonly Surveyed[], limits: ExpiryLimits, now: Date): TrashEntry[] {
  const newestFirst = [...all].sort((a, b) => removedAt(b.entry) - removedAt(a.entry));
  let size = 0;
  return newestFirst
    .filter(({ entry, survey }) => {
      size += survey?.size ?? 0;
      if (expiresAt(entry, limits) <= now) return true;
      return size > limits.maxSize && now.getTime() - removedAt(entry) >= graceMs;
    })
    .map(({ entry }) => entry)
    .reverse();
}

const hourMs = 60 * 60 * 1000;

/**
 * When to look again, an hour from now at the earliest and a day at the latest: the configuration may change
 * meanwhile, and what could not expire may have become able to.
 */
export function nextLook(all: readonly TrashEntry[], limits: ExpiryLimits, now: Date): Date | undefined {
  if (all.length === 0) return undefined;
  const first = Math.min(...all.map((entry) => expiresAt(entry, limits).getTime()));
  const from = now.getTime();
  return new Date(Math.min(from + 24 * hourMs, Math.max(from + hourMs, first)));
}

/** When the trash is looked at after something was put there. */
export const firstLook = (now: Date): Date => new Date(now.getTime() + hourMs);
