import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { isFailure } from '../../domain/failure.ts';
import { ProcessIdentity } from '../../domain/process.ts';
import type { Repository } from '../../domain/repository.ts';
import { atomicWrite, sweepTemporaries } from '../atomic-write.ts';
import { readState } from '../facts.ts';
import { livenessOf, ownIdentity } from '../processes.ts';

const prefix = 'wt-gates-';
const ofRoom = /^wt-gates-[A-Za-z0-9]{6}$/;

/** `cache/<name of the folder>.json`: whose a folder outside of the control plane is. */
const Claim = z.object({ version: z.literal(1), owner: ProcessIdentity, folder: z.string() });

/** A folder for a room, claimed for this process. */
export type Claimed = { readonly folder: string; readonly release: () => Promise<void> };

/**
 * Makes a folder for a room. It is beside the worktrees, not below the control plane: Jest and Metro ignore every
 * path with `/.git/` in it, and node, ESLint and their kin would find what they miss in the main worktree above.
 */
export function claimFolder(
  { parent, name, stateDir }: Repository,
  { apart }: { readonly apart: boolean },
): Claimed {
  const beside = join(parent, `${name}-wt`);
  const isNew = !apart && statSync(beside, { throwIfNoEntry: false }) === undefined;
  const folder = (apart ? undefined : folderIn(beside)) ?? mkdtempSync(join(tmpdir(), prefix));
  const claim = join(stateDir, 'cache', `${basename(folder)}.json`);
  try {
    mkdirSync(dirname(claim), { recursive: true, mode: 0o700 });
    atomicWrite(claim, JSON.stringify({ version: 1, owner: ownIdentity(), folder }));
  } catch {
    // a read-only control plane: if this process is killed, nobody knows of the folder
  }
  return {
    folder,
    release: async () => {
      await removeTree(folder);
      rmSync(claim, { force: true });
      if (isNew && dirname(folder) === beside) rmdirQuietly(beside);
    },
  };
}

function folderIn(parent: string): string | undefined {
  try {
    mkdirSync(parent, { recursive: true });
    return mkdtempSync(join(parent, prefix));
  } catch {
    return undefined; // not writable
  }
}

function rmdirQuietly(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // somebody has made a worktree meanwhile
  }
}

/** Removes the rooms of processes that are gone; one of another host or container is left for its own. */
export async function sweepRooms({ stateDir }: Pick<Repository, 'stateDir'>): Promise<void> {
  const cache = join(stateDir, 'cache');
  sweepTemporaries(cache, 60_000);
  for (const name of namesIn(cache)) {
    if (!name.startsWith(prefix) || !name.endsWith('.json')) continue;
    const path = join(cache, name);
    const claim = readClaim(path);
    if (claim === undefined || livenessOf(claim.owner) !== 'dead') continue;
    if (ofRoom.test(basename(claim.folder))) await removeTree(claim.folder);
    rmSync(path, { force: true });
  }
}

/** What is damaged, or a newer wt's, says nothing of a folder that may be removed. */
function readClaim(path: string) {
  try {
    return readState(path, Claim, 1);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return undefined;
  }
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Removes a folder, also where a tool took the right to write from folders in it (Go's module cache). */
async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    openUp(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function openUp(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) openUp(join(folder, entry.name));
}
