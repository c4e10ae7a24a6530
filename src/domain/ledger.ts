import * as z from 'zod';
import { LandingRecord } from './landing-record.ts';
import { Sha } from './sha.ts';

/** `landings/<n>.json`: a landing, which `refs/wt/landed/<n>` keeps in the repository whatever becomes of its target. */
export const LedgerEntry = z.object({
  version: z.literal(1),
  /** From 1, in the order of landing. */
  n: z.int().positive(),
  /** Id of the intent under which it landed. */
  operation: z.string(),
  target: z.string(),
  before: Sha,
  after: Sha,
  strategy: z.string(),
  worktree_path: z.string(),
  branch: z.string().nullable(),
  /** What landed. */
  head: Sha,
  /** The newest run in its worktree. */
  dispatch_id: z.string().nullable(),
  landed_at: z.string(),
  checkout: LandingRecord.shape.checkout,
  /** wt has pushed it; others push without telling. */
  pushed: z.boolean(),
  /** When it was taken back. */
  undone: z.string().nullable(),
});
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** An entry before its operation has begun. */
export const NewEntry = LedgerEntry.omit({ operation: true });
export type NewEntry = z.infer<typeof NewEntry>;

/** What is known of a landing when it is to be entered. */
export type LandingFacts = Omit<NewEntry, 'version' | 'n' | 'landed_at' | 'pushed' | 'undone'>;

/**
 * How a landing stands: in its target and nowhere else (`stands`), known to others (`published`), or no longer in
 * its target, by `git reset` or since the target is gone (`gone`).
 */
export type Standing = 'stands' | 'published' | 'gone';

export const landedPrefix = 'refs/wt/landed/';
export const landedRef = (n: number): string => `${landedPrefix}${n}`;

/** What `undo` calls it. */
export const landingId = ({ n }: Pick<LedgerEntry, 'n'>): string => `landing-${n}`;

/** The number in an id of `undo`; `undefined` for one of the trash. */
export const landingNumber = (id: string): number | undefined => {
  const digits = /^landing-([1-9]\d{0,14})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** Whether the commit that landed was made by landing: then whoever has it has it from the target. */
export const isMadeByLanding = ({ after, head }: Pick<LedgerEntry, 'after' | 'head'>): boolean =>
  after !== head;

/** What takes a landing back with a commit of its own, where the target must not move back. */
export function revertCommand({ strategy, before, after }: LedgerEntry): string {
  const end = after.slice(0, 12);
  if (strategy === 'merge') return `git revert -m 1 ${end}`;
  return strategy === 'squash' ? `git revert ${end}` : `git revert ${before.slice(0, 12)}..${end}`;
}

const keepMs = 90 * 24 * 60 * 60 * 1000;
const most = 1000;

/** The entries that are too old or too many; never the newest, whose number must not be given again. */
export function outdated(newestFirst: readonly LedgerEntry[], now: Date): LedgerEntry[] {
  return newestFirst.filter(
    ({ landed_at }, at) => at > 0 && (at >= most || now.getTime() - Date.parse(landed_at) > keepMs),
  );
}
