import { branchTip, defaultBranch } from './base.ts';
import { failures } from './failure.ts';
import type { RefFacts } from './ref-facts.ts';
import type { Sha } from './sha.ts';
import type { Worktree } from './worktree.ts';

/** What a new worktree is made against: the repository as it is under the lock. */
export type CreationScene = {
  readonly refs: readonly RefFacts[];
  readonly worktrees: readonly Worktree[];
  /** Top of the work tree that the command was given in. */
  readonly current: string | undefined;
  /** Names that differ only in case are one ref. */
  readonly ignoreCase: boolean;
};

/** The revision that work starts from and the local branch that it will land on. */
export type BaseChoice = {
  /** A local branch, perhaps still to come; `undefined` for a tag or an id. */
  readonly branch: string | undefined;
  /** As it was given, or as it was found. */
  readonly ref: string;
  /** `undefined` where only git can say what the revision names. */
  readonly sha: Sha | undefined;
  /** The upstream of a local branch, where the two stand apart. */
  readonly upstream: { readonly name: string; readonly sha: Sha } | undefined;
  /** No default branch is known: the one that the main worktree has checked out was taken. */
  readonly guessed: boolean;
};

const heads = 'refs/heads/';
const remotes = 'refs/remotes/';

/** What `--base` (or the configuration) names, else the default branch. Throws `base_not_found` for no commits, no default. */
export function chooseBase(scene: CreationScene, given: string | undefined): BaseChoice {
  if (given === undefined) return defaultChoice(scene);
  const { refs, worktrees, current } = scene;
  if (given === 'HEAD' || given === '@') {
    const here = worktrees.find(({ path }) => path === current)?.branch;
    return localChoice(refs, here, given) ?? revision(given);
  }
  return (
    localChoice(refs, given, given) ??
    localChoice(refs, stripped(given, heads), given) ??
    remoteChoice(refs, remotes + given, given) ??
    remoteChoice(refs, given, given) ??
    remoteChoice(refs, `${remotes}${given}/HEAD`, given) ??
    revision(given)
  );
}

const revision = (ref: string): BaseChoice => ({
  branch: undefined,
  ref,
  sha: undefined,
  upstream: undefined,
  guessed: false,
});

const stripped = (name: string, prefix: string) =>
  name.startsWith(prefix) ? name.slice(prefix.length) : undefined;

const short = (ref: string) => stripped(ref, heads) ?? stripped(ref, remotes) ?? ref;

/** A branch rather than a tag of the same name, which `git rev-parse` would prefer. */
function localChoice(
  refs: readonly RefFacts[],
  branch: string | undefined,
  ref: string,
): BaseChoice | undefined {
  const found = refs.find((each) => branch !== undefined && each.ref === heads + branch);
  if (found === undefined) return undefined;
  const upstream = refs.find((each) => each.ref === found.upstream);
  return {
    branch,
    ref,
    sha: found.sha,
    upstream:
      upstream === undefined || upstream.sha === found.sha
        ? undefined
        : { name: short(upstream.ref), sha: upstream.sha },
    guessed: false,
  };
}

/** The local branch is the one that tracks it (of several the one of the same name), else that of the same name. */
function remoteChoice(refs: readonly RefFacts[], full: string, ref: string): BaseChoice | undefined {
  const named = full.startsWith(remotes) ? refs.find((each) => each.ref === full) : undefined;
  const found = named?.symref === undefined ? named : refs.find((each) => each.ref === named.symref);
  if (found === undefined) return undefined;
  const sameName = found.ref.replace(/^refs\/remotes\/[^/]+\//, '');
  const tracking = refs.flatMap((each) =>
    each.upstream === found.ref ? (stripped(each.ref, heads) ?? []) : [],
  );
  const branch = tracking.includes(sameName) ? sameName : (tracking[0] ?? sameName);
  return { branch, ref, sha: found.sha, upstream: undefined, guessed: false };
}

function defaultChoice({ refs, worktrees }: CreationScene): BaseChoice {
  // A default branch that is only on the remote comes before any other local one.
  const target = refs.find(({ ref }) => ref === `${remotes}origin/HEAD`)?.symref;
  const onRemote = [target, `${remotes}origin/main`, `${remotes}origin/master`].flatMap((full) =>
    full === undefined ? [] : (remoteChoice(refs, full, short(full)) ?? []),
  )[0];
  const isHere = onRemote?.branch !== undefined && branchTip(refs, onRemote.branch) !== undefined;
  if (target !== undefined && onRemote !== undefined && !isHere) return onRemote;
  const known = defaultBranch(refs);
  if (known !== undefined) return localChoice(refs, known, known) ?? revision(known);
  if (onRemote !== undefined) return onRemote;
  const main = worktrees.find(({ isMain }) => isMain);
  const guess = localChoice(refs, main?.branch, main?.branch ?? '');
  if (guess !== undefined) return { ...guess, guessed: true };
  const hasCommits = refs.length > 0 || worktrees.some(({ head }) => head !== undefined);
  throw hasCommits ? failures.noDefaultBranch() : failures.noCommits(main?.path ?? 'the repository');
}
