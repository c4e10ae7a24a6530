import { existsSync, mkdirSync, stat, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import type { Locks } from '../application/ports/state.ts';
import { failures } from '../domain/failure.ts';
import { describeHolder, drop, type LockOwner, livingHolder, readHolder, seize } from './lock/holder.ts';
import { openPatience, type Patience } from './lock/patience.ts';
import { openQueue, type Ticket } from './lock/queue.ts';
import { ownIdentity } from './processes.ts';
import { unwritable } from './unwritable.ts';

/** What this process holds or is about to take, by lock path. */
const claims = new Map<string, Ticket>();

const isOurs = (lockPath: string) => {
  const ticket = claims.get(lockPath);
  return ticket !== undefined && existsSync(join(lockPath, ticket.token));
};

type Done = (error: Error | null) => void;

/**
 * proper-lockfile 4.1.2 refreshes the lock and removes it on exit. Its own taking and removing are not safe
 * (a stale lock is removed after another process has taken it over; a release removes whatever is there), so
 * both are replaced, and its rule for stale locks is never reached.
 */
const lockFolders = {
  stat,
  utimes: (lockPath: string, atime: Date, mtime: Date, done: Done) => {
    try {
      if (isOurs(lockPath)) utimesSync(lockPath, atime, mtime);
      done(isOurs(lockPath) ? null : Object.assign(new Error(`${lockPath} is lost`), { code: 'ENOENT' }));
    } catch (error) {
      done(error as Error);
    }
  },
  mkdir: (lockPath: string, done: Done) => {
    const ticket = claims.get(lockPath);
    try {
      if (ticket !== undefined && seize(lockPath, ticket.folder, ticket.token)) return done(null);
      done(Object.assign(new Error(`${lockPath} is held`), { code: 'EEXIST' }));
    } catch (error) {
      done(error as Error);
    }
  },
  rmdir: (lockPath: string, done: Done) => {
    lockFolders.rmdirSync(lockPath);
    done(null);
  },
  rmdirSync: (lockPath: string) => {
    const ticket = claims.get(lockPath);
    if (ticket !== undefined) drop(lockPath, ticket.token);
  },
};

/** Makes the ticket the lock; gives the release, or `undefined` when somebody was faster. */
async function take(
  lockPath: string,
  ticket: Ticket,
  purpose: string,
): Promise<(() => Promise<void>) | undefined> {
  const owner: LockOwner = { version: 1, process: ownIdentity(), purpose, since: new Date().toISOString() };
  mkdirSync(ticket.folder, { recursive: true, mode: 0o700 }); // a host whose clock is ahead may have swept it
  writeFileSync(join(ticket.folder, ticket.token), JSON.stringify(owner), { mode: 0o600 });
  claims.set(lockPath, ticket);
  try {
    const release = await lock(lockPath, {
      realpath: false,
      lockfilePath: lockPath,
      stale: Number.POSITIVE_INFINITY,
      update: 5_000,
      fs: lockFolders,
      onCompromised: () => {}, // the lease looks for itself
    });
    return async () => {
      await release().catch(() => {});
      drop(lockPath, ticket.token);
      claims.delete(lockPath);
    };
  } catch (error) {
    drop(lockPath, ticket.token);
    claims.delete(lockPath);
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined;
    throw error;
  }
}

/** Waits in the queue until the lock is ours; gives its release and token. */
async function acquire(folder: string, name: string, purpose: string, patience: Patience) {
  const lockPath = join(folder, `${name}.lock`);
  const queue = openQueue(join(folder, 'queue'), name);
  const ticket = queue.enter();
  let release: (() => Promise<void>) | undefined;
  let scene = '';
  let changedAt = performance.now();
  let freeSince: number | undefined;
  let refreshedAt = performance.now();
  try {
    for (;;) {
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
        if (release !== undefined) return { token: ticket.token, release };
      }
      patience.check();
      if (now - refreshedAt > 5_000) {
        queue.refresh(ticket);
        refreshedAt = now;
      }
      // The longer nothing happens the longer it may take, and those behind have time.
      const calm = Math.min(50, Math.max(3, (now - changedAt) / 16));
      await patience.pause(Math.min(250, calm * (count + 1)) * (0.75 + Math.random() / 2));
    }
  } finally {
    if (release === undefined) queue.leave(ticket);
  }
}

const turns = new Map<string, Promise<void>>();

/** Waits until no other part of this process holds or waits for the lock; gives the end of the turn. */
async function takeTurn(lockPath: string, patience: Patience): Promise<() => void> {
  const before = turns.get(lockPath);
  let end = () => {};
  const mine = new Promise<void>((resolve) => {
    end = resolve;
  });
  const turn = before === undefined ? mine : before.then(() => mine);
  turns.set(lockPath, turn);
  void turn.then(() => {
    if (turns.get(lockPath) === turn) turns.delete(lockPath);
  });
  try {
    let free = before === undefined;
    const freed = before?.then(() => {
      free = true;
    });
    while (!free) {
      await patience.pause(1_000, freed);
      if (!free) patience.check();
    }
    return end;
  } catch (error) {
    end();
    throw error;
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
      const patience = openPatience(what, () => describeHolder(readHolder(lockPath)), options);
      patience.interrupted();
      const end = await takeTurn(lockPath, patience);
      try {
        const { token, release } = await acquire(folder, name, options.purpose ?? 'wt', patience).catch(
          (error) => {
            throw unwritable(folder, error);
          },
        );
        try {
          const assertHeld = () => {
            if (!existsSync(join(lockPath, token))) throw failures.leaseLost(what, lockPath);
          };
          return await work({ assertHeld });
        } finally {
          await release();
        }
      } finally {
        end();
      }
    },
  };
}
