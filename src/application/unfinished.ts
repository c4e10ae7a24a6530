import { isFailure } from '../domain/failure.ts';
import type { Intent } from '../domain/intent.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub } from './ports.ts';

/** What was left unfinished, for commands that only look: they report it and touch nothing. */
export async function unfinished(hub: Pick<Hub, 'intents'>): Promise<readonly Warning[]> {
  const found = await hub.intents.list().catch((failure) => {
    if (isFailure(failure)) return failure;
    throw failure;
  });
  if (isFailure(found)) return [{ code: found.code, message: found.message }];
  return found.flatMap(({ intent, owner }): Warning[] => {
    if (owner === 'alive') return [];
    const message =
      owner === 'unknown' ? elsewhere(intent) : `${summary(intent)} was cut short; wt status recovers it`;
    return [{ code: 'unfinished_operation', message }];
  });
}

/** An operation that was cut short, in words. */
export const summary = ({ operation, worktree_path: path }: Intent) =>
  `the unfinished ${operation}${path === null ? '' : ` of ${path}`}`;

/** One whose processes are on another machine or in another container. */
export const elsewhere = (intent: Intent) =>
  `${summary(intent)} was begun on ${intent.owner.hostname}, whose processes cannot be seen from here; it is left alone`;
