import type { Target } from './landing-target.ts';
import type { MergeScene, Prepared } from './merge-candidates.ts';
import { coordinatorWarnings } from './orchestration-guard.ts';
import type { Hub, Ports } from './ports.ts';
import { bindStored, storedBinding } from './stored-binding.ts';

/** A worktree with the agent that it works for, and told if it writes the coordinator's file itself. */
export async function bound(
  ports: Ports,
  hub: Hub,
  { runs }: MergeScene,
  prepared: Prepared,
  targets: ReadonlyMap<string, Target>,
  {
    dryRun,
    completeBarriers = false,
  }: { readonly dryRun: boolean; readonly completeBarriers?: boolean | undefined },
): Promise<Prepared> {
  const { candidate, worktree, answer } = prepared;
  const target = candidate && targets.get(candidate.target);
  if (candidate === undefined || target === undefined) return prepared;
  const { config } = await ports.config();
  const stored = storedBinding(worktree, runs);
  const gitDirs = [worktree.gitDir, target.checkout?.gitDir ?? hub.repository.commonDir];
  const changed = await coordinatorWarnings(hub, candidate, {
    tip: target.tip.commit,
    gitDirs: gitDirs.filter((gitDir) => gitDir !== undefined),
    named: [config.orchestration.file, stored?.file],
  });
  const bond =
    stored === undefined || dryRun
      ? undefined
      : await bindStored(ports, hub, worktree, stored, completeBarriers);
  return {
    ...prepared,
    candidate: { ...candidate, binding: bond?.binding },
    answer: {
      ...answer,
      orchestration:
        stored === undefined ? null : { file: stored.file ?? null, address: stored.address, status: null },
      warnings: [...answer.warnings, ...changed, ...(bond?.warnings ?? [])],
    },
  };
}
