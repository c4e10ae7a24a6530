import * as z from 'zod';
import { Sha } from './sha.ts';

/**
 * `trash/<id>/entry.json`: a removed worktree that can be brought back. Its folder is in `folder`, its git
 * directory (index, logs, facts) in `admin`; refs below `refs/wt/trash/<id>/` hold what only these referred to.
 */
export const TrashEntry = z.object({
  version: z.literal(1),
  id: z.string(),
  removed_at: z.string(),
  worktree_path: z.string(),
  /** Where the registration was: `<commonDir>/worktrees/<name>`. */
  git_dir: z.string(),
  /** Where the folder is now; `null` when it had been deleted before. */
  folder: z.string().nullable(),
  /** Where the registration is now. */
  admin: z.string(),
  branch: z.string().nullable(),
  head: Sha.nullable(),
  branch_deleted: z.boolean(),
});
export type TrashEntry = z.infer<typeof TrashEntry>;

const idPattern = /^trash-(\d{8})-(\d{3,})$/;

export const isTrashId = (text: string): boolean => idPattern.test(text);

/** `trash-YYYYMMDD-NNN`, after the highest of that UTC day among the existing ones. */
export function nextTrashId(now: Date, existing: readonly string[]): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const used = existing.flatMap((id) => {
    const [, itsDay, number] = idPattern.exec(id) ?? [];
    return itsDay === day ? [Number(number)] : [];
  });
  return `trash-${day}-${String(Math.max(0, ...used) + 1).padStart(3, '0')}`;
}
