import { existsSync, mkdirSync, stat, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { ownIdentity } from '../processes.ts';
import { drop, type LockOwner, seize } from './holder.ts';
import type { Ticket } from './queue.ts';

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
export async function take(
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
      try {
        // It refuses where the refreshing had given up.
        await release().catch(() => drop(lockPath, ticket.token));
      } catch {
        // what stays is the lock of a dead process as soon as this one has ended
      }
      claims.delete(lockPath);
    };
  } catch (error) {
    drop(lockPath, ticket.token);
    claims.delete(lockPath);
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined;
    throw error;
  }
}
