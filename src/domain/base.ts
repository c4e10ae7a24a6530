import type { RefFacts } from './ref-facts.ts';
import type { Sha } from './sha.ts';
import type { Worktree } from './worktree.ts';

/** The local branch that a worktree's work lands on, as it stands now. */
export type Base = {
  /** Name without `refs/heads/`. */
  readonly branch: string;
  readonly sha: Sha;
  /** `recorded` by wt at creation, or `inferred` from the upstream or the default branch. */
  readonly source: 'recorded' | 'inferred';
};

const heads = 'refs/heads/';
const remotes = 'refs/remotes/';

/** The tip of a local branch. */
export const branchTip = (refs: readonly RefFacts[], branch: string): Sha | undefined =>
  refs.find(({ ref }) => ref === heads + branch)?.sha;

/** The full name of the ref that a base follows; `undefined` where it follows none. */
export const upstreamOf = ({ branch }: Pick<Base, 'branch'>, refs: readonly RefFacts[]): string | undefined =>
  refs.find(({ ref }) => ref === heads + branch)?.upstream;

const defaults = new WeakMap<readonly RefFacts[], { readonly branch: string | undefined }>();

/** The repository's default branch: what `origin/HEAD` points at, `main`, `master`, or the only local branch. */
export function defaultBranch(refs: readonly RefFacts[]): string | undefined {
  const known = defaults.get(refs) ?? { branch: findDefault(refs) };
  defaults.set(refs, known); // asked for every worktree
  return known.branch;
}

function findDefault(refs: readonly RefFacts[]): string | undefined {
  const target = refs
    .find(({ ref }) => ref === `${remotes}origin/HEAD`)
    ?.symref?.replace(`${remotes}origin/`, '');
  const locals = refs.flatMap(({ ref }) => (ref.startsWith(heads) ? [ref.slice(heads.length)] : []));
  const known = [target, 'main', 'master'].find((name) => name !== undefined && locals.includes(name));
  return known ?? (locals.length === 1 ? locals[0] : undefined);
}

/**
 * The base of a worktree: the recorded one, else the local counterpart of its branch's upstream (its own copy
 * on a remote is no base), else the default branch. `undefined`: recorded as a tag or id, gone, or none known.
 */
export function baseOf(worktree: Worktree, refs: readonly RefFacts[]): Base | undefined {
  const found = (branch: string | undefined, source: Base['source']): Base | undefined => {
    const sha = branch === undefined ? undefined : branchTip(refs, branch);
    return branch === undefined || sha === undefined || branch === worktree.branch
      ? undefined
      : { branch, sha, source };
  };
  if (worktree.facts !== undefined) return found(worktree.facts.base ?? undefined, 'recorded');
  const upstream = refs.find(({ ref }) => ref === heads + worktree.branch)?.upstream;
  const local = upstream?.startsWith(heads)
    ? upstream.slice(heads.length)
    : upstream?.replace(/^refs\/remotes\/[^/]+\//, '');
  return found(local, 'inferred') ?? found(defaultBranch(refs), 'inferred');
}
