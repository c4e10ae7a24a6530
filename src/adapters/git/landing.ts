import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Landed, Landings } from '../../application/ports/landing.ts';
import type { OpenIntent } from '../../application/ports/state.ts';
import { type Failure, failures, isFailure } from '../../domain/failure.ts';
import type { LandingRecord } from '../../domain/landing-record.ts';
import type { HubContext } from '../context.ts';
import { type Ask, line } from './ask.ts';
import { moveTarget } from './move-target.ts';
import { assertIdle, indexLockedAt, lockedBy, operationIn } from './operations.ts';
import { overwritten } from './overwritten.ts';
import { openScratch } from './scratch.ts';
import { settle } from './settle.ts';
import { readUpstream } from './upstream.ts';

/** Lands by git itself, so that a wt that is killed leaves a git that runs to its end. */
export function openLandings(context: HubContext): Landings {
  const { ask, clock, repository } = context;

  async function land(landing: LandingRecord, intent: OpenIntent, isLast = false): Promise<Landed> {
    const startedAt = clock.now();
    const start = clock.monotonicMs();
    const refused = (failure: Failure): Landed => ({ kind: 'refused', failure });
    const locked = await lockedIndex(landing);
    if (locked !== undefined) return refused(locked);
    const tip = await tipOf(landing);
    if (tip !== landing.before || !(await isCheckedOut(landing)))
      return refused(failures.targetMoved(landing.target, landing.before, tip));
    try {
      await moveTarget(context, landing, intent);
      return { kind: 'landed' };
    } catch (error) {
      if (!isFailure(error, 'git_failed')) throw error;
      if ((await settle(ask, landing, { startedAt, isRecovery: false })).kind === 'landed')
        return { kind: 'landed' };
      const why = await reason(landing).catch(() => undefined); // everything is as before, whatever that was
      if (why !== undefined) return refused(why);
      // Another git may have had the index locked for a moment; a branch that is locked was waited for.
      const isBrief = clock.monotonicMs() - start < patienceMs / 2;
      if (isBrief && !isLast) return land(landing, intent, true);
      const branchLock = join(repository.commonDir, 'refs', 'heads', `${landing.target}.lock`);
      return refused(lockedBy(branchLock) ?? error);
    }
  }

  /** Why git refused, from the state of things and not from its words. */
  async function reason(landing: LandingRecord): Promise<Failure | undefined> {
    const tip = await askTip(ask, landing);
    if (tip !== landing.before) return failures.targetMoved(landing.target, landing.before, tip);
    if (landing.checkout === null) return undefined;
    const locked = await lockedIndex(landing);
    if (locked !== undefined) return locked;
    const paths = await overwritten(ask, landing);
    if (paths.length === 0) return undefined;
    const refuse = landing.direction === 'back' ? failures.dirtyForUndo : failures.dirtyTarget;
    return refuse(landing.target, landing.checkout.path, paths);
  }

  /** The branch's commit now; a loose ref that holds what is expected spares a process. */
  async function tipOf(landing: LandingRecord): Promise<string | undefined> {
    const loose = readText(join(repository.commonDir, 'refs', 'heads', landing.target));
    return loose === landing.before ? loose : askTip(ask, landing);
  }

  /** Whether the checkout still is on the target: what is checked out there is what git would fast-forward. */
  async function isCheckedOut({ checkout, target }: LandingRecord): Promise<boolean> {
    if (checkout === null) return true;
    const ref = `refs/heads/${target}`;
    if (readText(join(checkout.git_dir, 'HEAD')) === `ref: ${ref}`) return true;
    return ask({
      args: ['symbolic-ref', '--quiet', 'HEAD'],
      access: 'write', // asked after Ctrl-C too
      cwd: checkout.path,
      answers: [0, 1],
      parse: (reply) => line(reply) === ref,
    });
  }

  return {
    openScratch: async (options) => openScratch(context, options),
    assertIdle: async (target, worktrees) => assertIdle(target, worktrees),
    operation: async ({ gitDir }) => (gitDir === undefined ? undefined : operationIn(gitDir)),
    land: (landing, intent) => land(landing, intent),
    settle: (landing, startedAt) => settle(ask, landing, { startedAt, isRecovery: true }),
    upstream: (branch) => readUpstream(ask, branch),
  };
}

const askTip = (ask: Ask, { target }: LandingRecord): Promise<string | undefined> =>
  ask({
    args: ['rev-parse', '--verify', '--quiet', `refs/heads/${target}`],
    answers: [0, 1],
    access: 'write', // asked after Ctrl-C too
    parse: (reply) => (reply.exitCode === 0 ? line(reply) : undefined),
  });

/** A file of git's as text; `undefined` where it keeps that elsewhere (packed refs, reftables). */
const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
};

const patienceMs = 1_000;

/** Waits a moment for a git that is at work on the index; then the failure that names its lock. */
async function lockedIndex({ checkout }: LandingRecord): Promise<Failure | undefined> {
  if (checkout === null) return undefined;
  const start = performance.now();
  for (;;) {
    const since = indexLockedAt(checkout.git_dir);
    if (since === undefined) return undefined;
    const age = Math.max(0, Date.now() - since);
    if (age > 10 * patienceMs || performance.now() - start > patienceMs)
      return lockedBy(join(checkout.git_dir, 'index.lock'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
