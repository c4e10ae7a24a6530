import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Locks } from '../application/ports/state.ts';
import { failures } from '../domain/failure.ts';
import { type Bell, openBell } from './lock/bell.ts';
import { describeHolder, livingHolder, readHolder } from './lock/holder.ts';
import { openPatience, type Patience } from './lock/patience.ts';
import { openQueue } from './lock/queue.ts';
import { take } from './lock/take.ts';
import { takeTurn } from './lock/turns.ts';
import { unwritable } from './unwritable.ts';

/** Waits in the queue until the lock is ours; gives its release and token. */
async function acquire(folder: string, name: string, purpose: string, patience: Patience) {
  const lockPath = join(folder, `${name}.lock`);
  const queue = openQueue(join(folder, 'queue'), name);
  const ticket = queue.enter();
  let bell: Bell | undefined;
  let release: (() => Promise<void>) | undefined;
  let scene = '';
  let changedAt = performance.now();
  let freeSince: number | undefined;
  let refreshedAt = performance.now();
  try {
    for (;;) {
      bell?.hush();
      const { count, first } = queue.before(ticket);
      const holder = livingHolder(lockPath);
      const now = performance.now();
      const sight = `${first} ${holder?.token}`;
      if (sight !== scene) changedAt = now;
      freeSince = holder === undefined && sight === scene ? (freeSince ?? now) : undefined;
      scene = sight;
      // Whoever is first and does not take a free lock (frozen, or on a host that died) is passed by.
      const passed = freeSince !== undefined && now - freeSince > 100 * Math.min(count, 10);
      if (holder === undefined && (count === 0 || passed)) {
        release = await take(lockPath, ticket, purpose);
        if (release !== undefined) return { token: ticket.token, release, callNext: queue.callNext };
      }
      patience.check();
      if (now - refreshedAt > 5_000) {
        queue.refresh(ticket);
        refreshedAt = now;
      }
      if (bell === undefined) {
        bell = openBell(ticket.folder);
        continue; // a release between the look and the bell rang for nobody
      }
      // The longer nothing happens the longer it may take, and those behind have time.
      const calm = Math.min(50, Math.max(bell.works ? 10 : 3, (now - changedAt) / 16));
      await patience.pause(Math.min(250, calm * (count + 1)) * (0.75 + Math.random() / 2), bell.ring());
    }
  } finally {
    bell?.close();
    if (release === undefined) queue.leave(ticket);
  }
}

/**
 * Mutual exclusion between processes, one lock at `<folder>/<name>.lock`, handed on in the order of arrival. A
 * dead holder is found out at once, a living one is never robbed. Two parts of one process exclude each other
 * as well; a part that asks again for what it already holds waits for itself and ends as `busy`.
 */
export function openLocks(folder: string): Locks {
  return {
    hold: async (name, work, options = {}) => {
      if (!/^[\w.-]+$/.test(name)) throw new TypeError(`not a lock name: ${name}`);
      const lockPath = join(folder, `${name}.lock`);
      const what = `the ${name} lock`;
      const { onWait } = options;
      const patience = openPatience(what, () => describeHolder(readHolder(lockPath)), {
        ...options,
        // Several worktrees of one command take turns: nobody has to hear of that.
        onWait: (holder, waitedMs) => {
          if (readHolder(lockPath)?.owner?.process.pid !== process.pid) onWait?.(holder, waitedMs);
        },
      });
      patience.interrupted();
      const end = await takeTurn(lockPath, patience);
      try {
        const { token, release, callNext } = await acquire(
          folder,
          name,
          options.purpose ?? 'wt',
          patience,
        ).catch((error) => {
          throw unwritable(folder, error);
        });
        try {
          const assertHeld = () => {
            if (!existsSync(join(lockPath, token))) throw failures.leaseLost(what, lockPath);
          };
          return await work({ assertHeld });
        } finally {
          await release();
          callNext();
        }
      } finally {
        end();
      }
    },
  };
}
