import { failures } from '../domain/failure.ts';
import { describeSession, type Session } from '../domain/session.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';

/** Throws where a session of claude that somebody else began works, or waits, in a worktree. */
export type SessionCheck = (worktree: Worktree) => Promise<void>;

/** Looks for sessions once for all worktrees of a command, when the first of them is checked. */
export function openSessionCheck(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  worktrees: readonly Worktree[],
  claude: readonly [string, ...string[]],
): SessionCheck {
  let found: Promise<readonly ReadonlyMap<string, readonly Session[]>[]> | undefined;
  const look = async () => {
    const [here, listed] = await Promise.all([
      hub.sessions.here(worktrees),
      hub.sessions.listed(worktrees, claude),
    ]);
    if (here === undefined)
      narrator.warn('where each claude of this machine works could not be told; lsof would');
    if (listed === undefined)
      narrator.warn('claude agents --json gave no list of the sessions in the background');
    return [here ?? new Map(), listed ?? new Map()];
  };
  return async (worktree) => {
    found ??= look();
    const sessions = (await found).flatMap((each) => each.get(worktree.path) ?? []);
    const [first] = sessions;
    if (first !== undefined)
      throw failures.sessionRunning(worktreeName(worktree), describeSession(first), sessions);
  };
}
