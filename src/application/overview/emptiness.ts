import { type Changes, isDirty } from '../../domain/changes.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Known } from '../../domain/worktree-state.ts';
import type { Judged } from '../integration.ts';
import type { Hub } from '../ports.ts';

/**
 * Whether nothing was ever committed or changed in a linked worktree. With commits of its own or changes it is not;
 * else it is while it stands where it began, or when its reflog shows nothing but moves to commits of others.
 */
export async function emptinessOf(
  hub: Hub,
  worktree: Worktree,
  judged: Judged | undefined,
  changes: Changes | undefined,
): Promise<{ readonly isEmpty: Known<boolean> | undefined; readonly warnings: readonly Warning[] }> {
  const { facts, head, isMain, gitDir } = worktree;
  if (isMain) return { isEmpty: undefined, warnings: [] };
  if (changes !== undefined && isDirty(changes)) return { isEmpty: false, warnings: [] };
  if ((judged?.divergence?.ahead ?? 0) > 0) return { isEmpty: false, warnings: [] };
  // Why these cannot be read is in the row's warnings already.
  if (changes === undefined || worktree.unreadable !== undefined || gitDir === undefined) {
    return { isEmpty: 'unknown', warnings: [] };
  }
  if (head === undefined) return { isEmpty: true, warnings: [] };
  if (facts?.branch === worktree.branch && facts?.base_sha === head) return { isEmpty: true, warnings: [] };
  const worked = await hub.git.hasWorked(gitDir);
  if (worked !== undefined) return { isEmpty: !worked, warnings: [] };
  const message = 'whether work was done here is not known: its HEAD has no complete reflog';
  return { isEmpty: 'unknown', warnings: [{ code: 'empty_unknown', message }] };
}
