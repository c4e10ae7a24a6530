import { conflictPolicy } from '../domain/conflict-policy.ts';
import { failures, isFailure } from '../domain/failure.ts';
import { type Candidate, type Judgement, judge } from '../domain/merge-plan.ts';
import { explainConflicts } from './escalation.ts';
import { type BatchOptions, conclude } from './landing-batch.ts';
import type { Outcome } from './landing-outcome.ts';
import type { Target } from './landing-target.ts';
import { leftOut } from './left-out.ts';
import type { Scratch } from './ports/landing.ts';
import type { Hub, Ports } from './ports.ts';
import type { Source } from './sync-source.ts';

type Rebase = {
  readonly candidate: Candidate;
  readonly target: Target;
  readonly source: Source;
  readonly forceRewrite: boolean;
};

/** Replays what a branch has beyond a source on that, and moves the branch there with its index and files. */
export async function rebaseBranch(
  ports: Ports,
  hub: Hub,
  rebase: Rebase,
  options: BatchOptions,
): Promise<Outcome> {
  const { candidate, target } = rebase;
  const scratch = await hub.landings.openScratch({ keepable: !options.dryRun });
  try {
    const judgement = await judgeRebase(hub, scratch, rebase);
    const step = { ...judgement, candidate, before: target.tip.commit };
    return await conclude(ports, hub, scratch, step, target, options);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { answer: {}, failure: error };
  } finally {
    await scratch.close();
  }
}

async function judgeRebase(
  hub: Hub,
  scratch: Scratch,
  { target, source, forceRewrite }: Rebase,
): Promise<Judgement> {
  const head = target.tip.commit;
  const stays = (verdict: Judgement['verdict']): Judgement => ({ verdict, after: head });
  const { ahead, behind } = await scratch.ancestry(source.commit, head);
  if (behind === 0) return stays({ kind: 'up-to-date', addsNothing: false });
  const onto = { commit: source.commit, tree: undefined };
  if (ahead > 0 && !forceRewrite) {
    const pushed = await hub.git.pushed({ since: source.commit, tip: head });
    if (pushed.length > 0) throw failures.rewritesPushed(target.branch, pushed);
  }
  const replayed = await scratch.replay(head, onto, { commit: source.commit, checkout: target.checkout });
  if (replayed.kind === 'replayed') {
    const { commit, tree } = replayed.tip;
    const { branch: name, checkout } = target;
    return {
      verdict: { kind: ahead === 0 ? 'fast-forward' : 'rebase', tree },
      after: commit,
      warnings: await leftOut(scratch, { name, head, onto, checkout, tree }),
    };
  }
  const { at, probe } = replayed;
  const names = { name: target.branch, target: source.name };
  const verdict = judge({ strategy: 'rebase' }, names, onto, probe, undefined);
  if (verdict.kind !== 'conflicts') return stays(verdict);
  const policy = conflictPolicy({ union: [], auto: false });
  const asked = { targetTip: source.commit, head, conflicts: verdict.conflicts, policy };
  return { ...stays({ ...verdict, at }), escalations: await explainConflicts(scratch, asked) };
}
