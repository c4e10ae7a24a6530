import * as z from 'zod';
import { Sha } from './sha.ts';

/**
 * `trash/<id>/entry.json`: a removed worktree that can be brought back. Beside it are `admin`, its git directory
 * (index, logs, facts), and mostly its folder; refs below `refs/wt/trash/<id>/` hold what only these referred to.
 */
export const TrashEntry = z.object({
  version: z.literal(1),
  id: z.string(),
  removed_at: z.string(),
  worktree_path: z.string(),
  /** The name that git gave the registration, below `worktrees/`. */
  registration: z.string(),
  /** Where its folder is: relative to the entry, or absolute (another device); `null` when it had been deleted before. */
  place: z.string().nullable(),
  branch: z.string().nullable(),
  head: Sha.nullable(),
  /** The branch that an unfinished rebase or bisect goes back to. */
  held_branch: z.string().nullable(),
});
export type TrashEntry = z.infer<typeof TrashEntry>;

/** A removal as its intent remembers it. */
export const RemovalPlan = z.object({
  /** Without its place as long as the folder has not been moved. */
  entry: TrashEntry,
  /** Where the folder can go, the best first; none when it had been deleted before. */
  places: z.array(z.string()),
  /** It is there and can be renamed to nowhere: a file system is mounted at its path. */
  stuck: z.boolean().default(false),
  deletes_branch: z.boolean(),
  /** Parents of the worktree below this folder go with it when they are empty. */
  parents_end: z.string(),
});
export type RemovalPlan = z.infer<typeof RemovalPlan>;

/** An undo as its intent remembers it. */
export const RestorationPlan = z.object({
  entry: TrashEntry,
  /** The branch was gone: an undo that cannot be finished takes it back. */
  makes_branch: z.boolean(),
});
export type RestorationPlan = z.infer<typeof RestorationPlan>;

const idPattern = /^trash-(\d{8})-(\d{3,})$/;

/** `trash-YYYYMMDD-NNN`, after the highest of that UTC day among those that were ever given. */
export function nextTrashId(now: Date, given: readonly string[]): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const used = given.flatMap((id) => {
    const [, itsDay, number] = idPattern.exec(id) ?? [];
    return itsDay === day ? [Number(number)] : [];
  });
  return `trash-${day}-${String(Math.max(0, ...used) + 1).padStart(3, '0')}`;
}

/** Entries in the order in which `undo` takes them: the last removed first. */
export function lastRemovedFirst(a: TrashEntry, b: TrashEntry): number {
  if (a.removed_at !== b.removed_at) return a.removed_at < b.removed_at ? 1 : -1;
  const number = ({ id }: TrashEntry) => Number(idPattern.exec(id)?.[2] ?? 0);
  return number(b) - number(a);
}
