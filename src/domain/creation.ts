import { branchTip } from './base.ts';
import type { BranchName } from './branch-name.ts';
import type { CreationScene } from './creation-base.ts';
import { type CreationRecord, isCreationLock } from './creation-record.ts';
import { type Failure, failures } from './failure.ts';
import type { NamedWorktree } from './naming.ts';
import type { Sha } from './sha.ts';
import { type Worktree, worktreeName } from './worktree.ts';

/** One worktree to make: its names, with the path resolved, and how they were chosen. */
export type CreationRequest = NamedWorktree & {
  /** Checks out a branch that is there instead of making one. */
  readonly existing: boolean;
  /** The branch was named by `--branch`. */
  readonly branchGiven: boolean;
};

/** What is on disk where the worktree is to be. */
export type CreationPlace = {
  readonly kind: 'absent' | 'empty-folder' | 'folder' | 'file' | 'symlink';
  readonly parent: string;
  readonly parentIsFolder: boolean;
};

/** Where the branch stands or is to be made; `fromRemote` names the remote branch that it is made from. */
export type BranchPlan = {
  readonly start: Sha;
  readonly makesBranch: boolean;
  readonly fromRemote: string | undefined;
};

/** Names that collide within one command: every one of them would be refused after the first. Throws `usage`. */
export function refuseDuplicates(requests: readonly CreationRequest[]): void {
  for (const key of ['branch', 'path'] as const) {
    const seen = new Map<string, string>();
    for (const request of requests) {
      const earlier = seen.get(request[key]);
      if (earlier !== undefined)
        throw failures.usage(`${earlier} and ${request.argument} are the same ${key}: ${request[key]}`);
      seen.set(request[key], request.argument);
    }
  }
}

/**
 * Decides how the branch comes to be, or throws why it cannot: `worktree_exists`, `branch_checked_out`,
 * `branch_exists`, `path_exists`, and `base_not_found` for an existing branch that does not exist.
 */
export function planBranch(
  request: CreationRequest,
  scene: CreationScene,
  place: CreationPlace,
  baseSha: Sha,
): BranchPlan {
  const taken = worktreeRefusal(request, scene.worktrees);
  if (taken !== undefined) throw taken;
  const plan = branchPlan(request, scene, baseSha);
  const inTheWay = placeRefusal(request.path, place);
  if (inTheWay !== undefined) throw inTheWay;
  return plan;
}

function worktreeRefusal(request: CreationRequest, worktrees: readonly Worktree[]): Failure | undefined {
  const { argument, projectId, branch, path, existing, branchGiven } = request;
  const exists = (worktree: Worktree) =>
    failures.worktreeExists(worktreeName(worktree), worktree.path, leftover(worktree));
  const bound = worktrees.find(({ facts }) => projectId !== undefined && facts?.project_id === projectId);
  if (bound !== undefined) return exists(bound);
  const holder = worktrees.find((worktree) => worktree.branch === branch);
  if (holder !== undefined) {
    const isItsOwn = !holder.isMain && !existing && (!branchGiven || argument === branch);
    return isItsOwn ? exists(holder) : failures.branchCheckedOut(branch, holder.path);
  }
  const there = worktrees.find((worktree) => worktree.path === path);
  return there === undefined ? undefined : exists(there);
}

/** What to do about a worktree that is not one yet, or no longer. */
function leftover({ prunable, locked }: Worktree): string | undefined {
  if (prunable !== undefined) return 'its folder is gone: git worktree prune, then create it again';
  return locked !== undefined && isCreationLock(locked) ? 'another wt is making it right now' : undefined;
}

function placeRefusal(path: string, place: CreationPlace): Failure | undefined {
  if (!place.parentIsFolder)
    return failures.pathExists(place.parent, 'it is a file, and a folder belongs there');
  switch (place.kind) {
    case 'absent':
    case 'empty-folder':
      return undefined;
    case 'folder':
      return failures.pathExists(path, 'a folder with files in it');
    case 'file':
      return failures.pathExists(path, 'a file');
    case 'symlink':
      return failures.pathExists(path, 'a symbolic link');
  }
}

function branchPlan(request: CreationRequest, scene: CreationScene, baseSha: Sha): BranchPlan {
  const { branch, existing } = request;
  const tip = branchTip(scene.refs, branch);
  if (existing) {
    if (tip !== undefined) return { start: tip, makesBranch: false, fromRemote: undefined };
    const remote = onlyRemote(branch, scene);
    refuseClash(branch, scene);
    return { start: remote.sha, makesBranch: true, fromRemote: remote.name };
  }
  if (tip !== undefined) {
    const given = request.branchGiven ? ` --branch ${branch}` : '';
    const hint = `wt create ${request.argument}${given} --existing checks it out, --branch <name> makes another`;
    throw failures.branchExists(branch, hint);
  }
  refuseClash(branch, scene);
  return { start: baseSha, makesBranch: true, fromRemote: undefined };
}

function onlyRemote(branch: BranchName, { refs }: CreationScene) {
  const found = refs.flatMap(({ ref, sha, symref }) => {
    const [, remote, name] = /^refs\/remotes\/([^/]+)\/(.+)$/.exec(ref) ?? [];
    return name === branch && symref === undefined ? [{ name: `${remote}/${name}`, sha }] : [];
  });
  const [only, second] = found;
  if (only === undefined) throw failures.baseNotFound(branch, 'no branch here or on a remote has that name');
  if (second === undefined) return only;
  const names = found.map(({ name }) => name);
  throw failures.usage(
    `'${branch}' is on several remotes: ${names.join(', ')}`,
    `wt create ${branch} --base ${only.name}`,
  );
}

/** A ref is a file and its folders: `feat/a` and `feat/a/b` exclude each other. */
function refuseClash(branch: BranchName, { refs, ignoreCase }: CreationScene): void {
  const fold = (name: string) => (ignoreCase ? name.toLowerCase() : name);
  const wanted = fold(branch);
  for (const { ref } of refs) {
    if (!ref.startsWith('refs/heads/')) continue;
    const name = ref.slice('refs/heads/'.length);
    const folded = fold(name);
    if (folded === wanted) throw failures.branchInTheWay(branch, name, 'the two differ only in case');
    if (folded.startsWith(`${wanted}/`) || wanted.startsWith(`${folded}/`))
      throw failures.branchInTheWay(branch, name, 'git keeps one as a file and the other as its folder');
  }
}

/**
 * The innermost folder above a new worktree that was not made for it. A parent that another unfinished creation
 * made counts as made: whichever of the two is taken back last removes it.
 */
export function foundFolder(parent: string, unfinished: readonly CreationRecord[]): string {
  const made = unfinished.filter(
    ({ path, stop }) => path.startsWith(`${parent}/`) && parent.startsWith(stop === '/' ? stop : `${stop}/`),
  );
  return made.reduce((found, { stop }) => (stop.length < found.length ? stop : found), parent);
}
