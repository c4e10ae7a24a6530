import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Settled } from '../../application/ports/landing.ts';
import { isFailure } from '../../domain/failure.ts';
import type { LandingRecord } from '../../domain/landing-record.ts';
import { inside } from '../processes.ts';
import { type Ask, decodePath, line, nothing } from './ask.ts';
import { indexLockedAt } from './operations.ts';
import { restoreFiles } from './restore-files.ts';
import { readTouched } from './touched.ts';

type Checkout = NonNullable<LandingRecord['checkout']>;

/** File systems stamp with a clock that may be this much behind. */
const clockSlackMs = 20;

/** How long a lock may be held that somebody is at work with. */
const patienceMs = 500;

export type SettleOptions = {
  readonly startedAt: Date;
  /** Somebody may have committed on top of it since. */
  readonly isRecovery: boolean;
};

/**
 * Makes a landing whole whose git is dead or has failed. git's fast-forward writes the files, then the index, then
 * moves the branch. So: the branch has moved, and all is done; the index has, and the branch follows; only files
 * have, and those that git wrote go back. What somebody changed since is left as it is, and named.
 */
export async function settle(
  ask: Ask,
  landing: LandingRecord,
  { startedAt, isRecovery }: SettleOptions,
): Promise<Settled> {
  const { target, before, after, checkout } = landing;
  const asking = { access: 'write' as const };
  const ref = `refs/heads/${target}`;
  const tipIs = async (commit: string) =>
    commit ===
    (await ask({
      ...asking,
      args: ['rev-parse', '--verify', '--quiet', ref],
      answers: [0, 1],
      parse: line,
    }));
  const done: Settled = { kind: 'landed' };
  const undone: Settled = { kind: 'not-landed', left: [] };
  if ((await tipIs(after)) || (isRecovery && (await hasMovedOn(ask, landing)))) return done;
  if (checkout === null || !existsSync(checkout.path)) return undone;
  const head = await ask({
    ...asking,
    args: ['symbolic-ref', '--quiet', 'HEAD'],
    cwd: checkout.path,
    answers: [0, 1],
    parse: line,
  });
  if (head !== ref) return undone; // somebody went on to another branch there, taking along what there was

  const since = new Date(startedAt.getTime() - clockSlackMs);
  const touched = await readTouched(ask, landing);
  await dropDeadLock(checkout, since);
  const staged = await stagedAgainst(ask, checkout, after);
  if (touched.length === 0 || touched.some(({ path }) => staged.has(path))) {
    // What the index holds otherwise somebody has put there since.
    const others = await stagedAgainst(ask, checkout, before);
    const untouched = touched.filter(({ path }) => !others.has(path));
    return { kind: 'not-landed', left: await restoreFiles(ask, checkout.path, untouched, since) };
  }
  for (const start = performance.now(); (await tipIs(before)) && performance.now() - start < patienceMs; ) {
    try {
      const args = ['update-ref', '--no-deref', '-m', landing.message, ref, after, before];
      await ask({ ...asking, args, parse: nothing });
      return done;
    } catch (error) {
      if (!isFailure(error, 'git_failed')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20)); // somebody has the branch locked
    }
  }
  if (await tipIs(after)) return done;
  try {
    const refresh = ['update-index', '-q', '--refresh'];
    await ask({ ...asking, args: refresh, cwd: checkout.path, answers: [0, 1], parse: nothing });
    const args = ['read-tree', '-m', '-u', after, before];
    await ask({ ...asking, args, cwd: checkout.path, parse: nothing });
    return undone;
  } catch (error) {
    if (!isFailure(error, 'git_failed')) throw error;
    return { kind: 'not-landed', left: touched.map(({ path }) => decodePath(Buffer.from(path, 'latin1'))) };
  }
}

/** Whether the branch was moved and has gone on from there: what landed is in it, or what was taken back is not. */
async function hasMovedOn(ask: Ask, { target, before, after, direction }: LandingRecord): Promise<boolean> {
  const isBack = direction === 'back';
  const hasLanded = await ask({
    args: ['merge-base', '--is-ancestor', isBack ? before : after, `refs/heads/${target}`],
    access: 'write',
    answers: [0, 1, 128], // the branch is gone, and so is what had landed
    parse: ({ exitCode }) => exitCode === 0,
  });
  return hasLanded !== isBack;
}

/** The paths at which the index differs from a commit, one character per byte. */
const stagedAgainst = (ask: Ask, { path }: Checkout, commit: string): Promise<ReadonlySet<string>> =>
  ask({
    args: ['diff-index', '--cached', '--name-only', '-z', '--no-renames', commit],
    access: 'write',
    cwd: path,
    parse: ({ stdout }) => new Set(stdout.toString('latin1').split('\0')),
  });

/** Removes an `index.lock` of the git that died: made since, and no git is at work inside. */
async function dropDeadLock({ path, git_dir: gitDir }: Checkout, since: Date): Promise<void> {
  const made = indexLockedAt(gitDir);
  if (made === undefined || made < since.getTime()) return;
  // Programs other than git, such as editors, hold it for moments only.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, made + patienceMs - Date.now())));
  const occupants = await inside(path);
  const isAtWork = occupants === undefined || occupants.some(({ command }) => /\bgit\b/.test(command));
  if (!isAtWork && indexLockedAt(gitDir) === made) rmSync(join(gitDir, 'index.lock'), { force: true });
}
