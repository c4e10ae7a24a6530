import type { Hub } from './ports.ts';

/** What another wt does in a worktree without holding the repository's lock. */
export async function occupationOf(
  hub: Pick<Hub, 'intents' | 'processes'>,
  path: string,
): Promise<string | undefined> {
  const own = hub.processes.own();
  const other = (await hub.intents.list()).find(
    ({ intent, owner }) =>
      intent.worktree_path === path &&
      owner !== 'dead' &&
      ['create', 'provision'].includes(intent.operation) &&
      (intent.owner.pid !== own.pid || intent.owner.start_time !== own.start_time),
  );
  if (other === undefined) return undefined;
  const { operation, owner } = other.intent;
  const where = other.owner === 'unknown' ? ` on ${owner.hostname}` : '';
  return `wt ${operation} is at work there (process ${owner.pid}${where})`;
}
