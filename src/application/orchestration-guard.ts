import { isFailure } from '../domain/failure.ts';
import type { Candidate } from '../domain/merge-plan.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub } from './ports.ts';

const usual: readonly string[] = ['ORCHESTRATION.yaml', 'ORCHESTRATION.yml'];

/** The paths that a branch changes since it parted from its target; nothing where that cannot be told. */
export async function pathsChanged(
  hub: Pick<Hub, 'git'>,
  { head }: Pick<Candidate, 'head'>,
  tip: Sha,
): Promise<readonly string[]> {
  const [divergence] = await hub.git.divergence([{ base: tip, tip: head }]);
  const comparisons = (divergence?.mergeBases ?? []).map((since) => ({ commit: head, since }));
  if (comparisons.length === 0) return []; // unrelated, or unreadable: the merge itself refuses that
  const changes = await hub.git.changedPaths(comparisons);
  return [...new Set(changes.flat().map(({ path }) => path))];
}

/** Those of some paths that are the coordinator's own: by their name, or since they are configured or bound. */
export const coordinatorsOwn = (
  paths: readonly string[],
  named: readonly (string | undefined)[],
): readonly string[] =>
  paths
    .filter((path) => named.includes(path) || usual.includes(path.slice(path.lastIndexOf('/') + 1)))
    .sort();

/**
 * Warns of a branch that changes the state of a workflow itself, which only the coordinator writes. Where neither the
 * worktree nor the target can have such a file git is not asked.
 */
export async function coordinatorWarnings(
  hub: Pick<Hub, 'git' | 'stateFiles'>,
  candidate: Candidate,
  scene: {
    readonly tip: Sha;
    /** The git directories of the worktree and of where its target is checked out. */
    readonly gitDirs: readonly string[];
    /** The configured file, and the one that the worktree is bound to. */
    readonly named: readonly (string | undefined)[];
  },
): Promise<readonly Warning[]> {
  const { tip, gitDirs, named } = scene;
  const names = [...usual, ...named.filter((name) => name !== undefined)];
  if (!(await hub.stateFiles.mayHold(gitDirs, names))) return [];
  const changed = await pathsChanged(hub, candidate, tip).catch((failure) => {
    if (!isFailure(failure) || failure.kind === 'interrupted') throw failure;
    return failure;
  });
  if (isFailure(changed)) return [{ code: 'changes_unknown', message: changed.message }];
  return coordinatorsOwn(changed, named).map((path) => ({
    code: 'orchestration_changed',
    message: `${candidate.name} changes ${path} itself, which only the coordinator writes; a conflict in it is left to a person`,
  }));
}
