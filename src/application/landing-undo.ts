import * as z from 'zod';
import type { UndoAnswer } from '../domain/answers/cleanup.ts';
import { branchTip } from '../domain/base.ts';
import { failures, isFailure } from '../domain/failure.ts';
import { LandingRecord } from '../domain/landing-record.ts';
import { LedgerEntry, landedRef, landingId, revertCommand } from '../domain/ledger.ts';
import { quote } from '../domain/shell.ts';
import type { Warning } from '../domain/warning.ts';
import { checkTarget, findTarget } from './landing-target.ts';
import type { Hub, Ports } from './ports.ts';

/** The undo of a landing, as its intent remembers it. */
export const TakingBack = z.object({ entry: LedgerEntry, move: LandingRecord });
export type TakingBack = z.infer<typeof TakingBack>;

export const landingAnswer = (entry: LedgerEntry): UndoAnswer => ({
  operation: 'landing',
  id: landingId(entry),
  worktree_path: entry.worktree_path,
  branch: entry.branch,
  target: entry.target,
  warnings: [],
  error: null,
});

/**
 * Puts the target of a landing back to where it was, with index and files where it is checked out; under the
 * repository's lock. The landed ref keeps what had landed. Throws `target_moved`, `dirty_target`,
 * `operation_in_progress`.
 */
export async function takeLandingBack(
  { clock, narrator }: Pick<Ports, 'clock' | 'narrator'>,
  hub: Hub,
  entry: LedgerEntry,
  entries: readonly LedgerEntry[],
): Promise<readonly Warning[]> {
  const { target, before, after, branch, head } = entry;
  await refuseUnfinishedOn(hub, target);
  const [worktrees, refs] = await Promise.all([hub.git.worktrees(), hub.git.refs(['refs/heads'])]);
  const { tip, checkout } = findTarget(target, worktrees, refs);
  if (tip.commit !== after) throw movedOn(entry, entries, tip.commit);
  await checkTarget(hub, { branch: target, tip, checkout }, worktrees, {
    dryRun: false,
    needsUpstream: false,
  });
  const move: LandingRecord = {
    target,
    before: after,
    after: before,
    message: `wt undo: ${landingId(entry)}`,
    checkout: checkout === undefined ? null : { path: checkout.path, git_dir: checkout.gitDir },
    direction: 'back',
  };
  const data: TakingBack = { entry, move };
  const intended = { worktreePath: null, step: 'taking back', data };
  const outcome = await hub.intents.during('undo', intended, async (intent) => {
    const moved = await hub.landings.land(move, intent);
    if (moved.kind === 'refused') return moved.failure;
    return finishTakingBack(hub, entry, { operation: intent.id, at: clock.now().toISOString() });
  });
  if (isFailure(outcome)) throw outcome;
  narrator.note(`${target}: ${after.slice(0, 10)} → ${before.slice(0, 10)}`);
  if (branch === null || branchTip(refs, branch) !== undefined) return outcome;
  const message = `${branch} is gone; ${landedRef(entry.n)} keeps its work: git branch ${quote(branch)} ${head.slice(0, 12)}`;
  return [...outcome, { code: 'branch_gone', message }];
}

/** What is left once the target is back, also for recovery: each step may have been done before. */
export async function finishTakingBack(
  hub: Hub,
  entry: LedgerEntry,
  { operation, at }: { readonly operation: string; readonly at: string },
): Promise<readonly Warning[]> {
  await hub.ledger.amend({ ...entry, undone: at });
  return hub.events.append({
    type: 'landing.undone',
    worktree_path: entry.worktree_path,
    dispatch_id: null,
    data: {
      operation,
      branch: entry.branch,
      landing: landingId(entry),
      target: entry.target,
      target_before: entry.after,
      target_after: entry.before,
    },
  });
}

/** Names what has to be undone first when that is all that came after. */
function movedOn(entry: LedgerEntry, entries: readonly LedgerEntry[], tip: string) {
  const next = entries.find(
    ({ target, after, undone, pushed }) =>
      target === entry.target && after === tip && undone === null && !pushed,
  );
  const hint =
    next === undefined
      ? `${revertCommand(entry)} takes it back with a commit`
      : `wt undo ${landingId(next)} first`;
  const details = { expected: entry.after, actual: tip };
  return failures.landedUpon(landingId(entry), entry.target, hint, details);
}

const OnTarget = z.union([
  z.object({ target: z.string() }),
  z.object({ move: LandingRecord }).transform(({ move }) => ({ target: move.target })),
]);

/** Throws where a target may be half moved by a wt that was killed; under the lock nobody is moving it. */
async function refuseUnfinishedOn(hub: Hub, target: string): Promise<void> {
  for (const { intent } of await hub.intents.list()) {
    if (intent.operation !== 'merge' && intent.operation !== 'undo') continue;
    if (OnTarget.safeParse(intent.data).data?.target === target)
      throw failures.unfinished(target, intent.operation);
  }
}
