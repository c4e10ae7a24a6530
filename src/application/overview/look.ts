import type { Changes } from '../../domain/changes.ts';
import { isFailure } from '../../domain/failure.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { openGate } from '../gate.ts';
import type { Hub } from '../ports.ts';

/** What a look into a worktree's folder gave. */
export type Look = { readonly changes: Changes | undefined; readonly warnings: readonly Warning[] };

/** Asks git for the changes in a worktree, unless its folder is gone or holds something else. */
export async function look(hub: Hub, gate: ReturnType<typeof openGate>, worktree: Worktree): Promise<Look> {
  if (worktree.prunable !== undefined) {
    return { changes: undefined, warnings: [{ code: 'folder_missing', message: missing(worktree) }] };
  }
  const stranger = await hub.git.strangerAt(worktree);
  if (stranger !== undefined) {
    const message = `what is at ${worktree.path} is not this worktree: ${stranger}; git worktree repair may mend it`;
    return { changes: undefined, warnings: [{ code: 'not_this_worktree', message }] };
  }
  const leave = await gate.enter();
  try {
    return { changes: await hub.git.changes(worktree.path), warnings: [] };
  } catch (error) {
    if (!isFailure(error) || error.kind === 'interrupted') throw error;
    if ((await hub.folders.kind(worktree.path)) === 'absent') {
      return { changes: undefined, warnings: [{ code: 'folder_missing', message: missing(worktree) }] };
    }
    return { changes: undefined, warnings: [{ code: 'status_failed', message: error.message }] };
  } finally {
    leave();
  }
}

const missing = ({ path, locked }: Worktree) =>
  `there is no worktree at ${path} any more; ${locked === undefined ? '' : `git worktree unlock ${path}, then `}git worktree prune forgets it`;
