import { isFailure } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Known } from '../../domain/worktree-state.ts';
import type { Hub } from '../ports.ts';

/** What wt began at the worktrees and did not finish yet. */
export type Operations = {
  readonly of: (path: string) => Known<Intent['operation'] | undefined>;
  readonly warnings: (path: string) => readonly Warning[];
};

/** The unfinished operation at each worktree; one whose process is gone is told of. */
export async function openOperations(hub: Hub): Promise<Operations> {
  try {
    const intents = await hub.intents.list();
    const at = (path: string) => intents.find(({ intent }) => intent.worktree_path === path);
    return {
      of: (path: string) => at(path)?.intent.operation,
      warnings: (path: string): Warning[] => {
        const found = at(path);
        if (found === undefined || found.owner === 'alive') return [];
        const { operation, owner } = found.intent;
        const message =
          found.owner === 'dead'
            ? `an unfinished ${operation} was cut short here; wt status recovers it`
            : `an unfinished ${operation} was begun here on ${owner.hostname}, whose processes cannot be seen`;
        return [{ code: 'unfinished_operation', message }];
      },
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const warning = { code: 'operation_unknown', message: error.message };
    return { of: () => 'unknown' as const, warnings: (): Warning[] => [warning] };
  }
}
