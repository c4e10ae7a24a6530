import { failures, isFailure } from '../domain/failure.ts';
import type { Hub, Ports } from './ports.ts';
import { recover } from './recovery.ts';

const attempts = 3;

/**
 * Runs work under the repository's lock. Where it finds that somebody was killed in the middle of moving the same
 * worktree since this command began, that is recovered first, and the work begins anew.
 */
export async function takeTurn<T>(
  ports: Pick<Ports, 'narrator'>,
  hub: Hub,
  purpose: string,
  work: () => Promise<T>,
): Promise<T> {
  const { narrator } = ports;
  const options = {
    purpose,
    signal: narrator.signal,
    onWait: (holder: string) => narrator.note(`waiting for ${holder}`),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await hub.locks.hold('repository', work, options);
    } catch (error) {
      if (!isFailure(error, 'busy') || error.details.unfinished !== true || attempt === attempts) throw error;
      await recover(ports, hub);
    }
  }
}

/** Throws where the folder or the registration of a worktree may be half moved; under the lock nobody is moving them. */
export async function refuseUnfinished(hub: Hub, path: string): Promise<void> {
  const left = (await hub.intents.list()).find(
    ({ intent }) =>
      intent.worktree_path === path && (intent.operation === 'cleanup' || intent.operation === 'undo'),
  );
  if (left !== undefined) throw failures.unfinished(path, left.intent.operation);
}
