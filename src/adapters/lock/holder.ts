import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ProcessIdentity } from '../../domain/process.ts';
import { here } from '../processes.ts';
import { lookAt } from './look.ts';

/** Who holds a lock and for what; the one file in the lock's folder, named by a token that is never used twice. */
export const LockOwner = z.object({
  version: z.literal(1),
  process: ProcessIdentity,
  purpose: z.string(),
  since: z.string(),
});
export type LockOwner = z.infer<typeof LockOwner>;

/** `owner` is `undefined` where its file cannot be read as one. */
export type Holder = { readonly token: string; readonly owner: LockOwner | undefined };

/** A holder on another host or in another container is given up when its lock was not refreshed for this long. */
export const staleMs = 30_000;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function quietly(remove: () => void, ...answers: readonly string[]) {
  try {
    remove();
  } catch (error) {
    if (!answers.includes(codeOf(error) ?? '')) throw error;
  }
}

/**
 * A lock is a folder that holds its owner's file. It comes to be by renaming a prepared folder, which fails
 * while the lock holds a file and replaces it when it is empty: so an empty lock is free, and owner and lock
 * appear in one step. `false`: somebody holds it.
 */
export function seize(lockPath: string, prepared: string, token: string): boolean {
  try {
    renameSync(prepared, lockPath);
  } catch (error) {
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  return existsSync(join(lockPath, token));
}

/**
 * Takes a holder's lock away: its file by name, then the folder, which goes only when it is empty. However late
 * this comes, it cannot touch the lock of the next holder, whose file has another name.
 */
export function drop(lockPath: string, token: string): void {
  quietly(() => unlinkSync(join(lockPath, token)), 'ENOENT');
  quietly(() => rmdirSync(lockPath), 'ENOENT', 'ENOTEMPTY', 'EEXIST');
}

const owners = new Map<string, LockOwner | undefined>();

function readOwner(path: string): LockOwner | undefined {
  try {
    return LockOwner.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The holder now; `undefined` when the lock is free. */
export function readHolder(lockPath: string): Holder | undefined {
  let token: string | undefined;
  try {
    [token] = readdirSync(lockPath);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  if (token === undefined) return undefined;
  const file = join(lockPath, token);
  if (!owners.has(file)) {
    const owner = readOwner(file);
    if (owner === undefined && !existsSync(file)) return readHolder(lockPath); // it has changed hands
    owners.clear();
    owners.set(file, owner);
  }
  return { token, owner: owners.get(file) };
}

/** The holder, after a dead one has been cleared away. A living one is never robbed, however old its lock. */
export function livingHolder(lockPath: string): Holder | undefined {
  const holder = readHolder(lockPath);
  if (holder === undefined) return undefined;
  const state = holder.owner === undefined ? 'unknown' : lookAt(holder.owner.process).state;
  if (state === 'alive') return holder;
  if (state === 'unknown') {
    const refreshed = statSync(lockPath, { throwIfNoEntry: false })?.mtimeMs;
    if (refreshed !== undefined && Date.now() - refreshed < staleMs) return holder;
  }
  drop(lockPath, holder.token);
  return undefined;
}

/** A holder for people: `wt merge (pid 123, for 4 s)`. */
export function describeHolder(holder: Holder | undefined): string {
  if (holder?.owner === undefined) return 'another process';
  const { purpose, process, since } = holder.owner;
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 1000));
  const host = process.hostname === here().hostname ? '' : ` on ${process.hostname}`;
  return `${purpose} (pid ${process.pid}${host}, for ${seconds} s)`;
}
