import { type Base, upstreamOf } from '../domain/base.ts';
import type { Pair } from '../domain/divergence.ts';
import { isMergedAs } from '../domain/pull-request.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Worktree } from '../domain/worktree.ts';
import { type Judged, judge, type Known } from './integration.ts';
import type { Hub } from './ports.ts';

/** A worktree with its base and what was judged against the local branch of that. */
export type JudgedWorktree = {
  readonly worktree: Worktree;
  readonly base: Base | undefined;
  readonly judged: Judged | undefined;
};

/**
 * The same with what the local base does not show yet: work that is in the base's upstream, and, by `gh`, work
 * that was merged as a pull request at exactly this commit. Each is asked only for what is left open by the former.
 */
export async function landedElsewhere(
  hub: Hub,
  all: readonly JudgedWorktree[],
  refs: readonly RefFacts[],
  known: Known,
): Promise<readonly (Judged | undefined)[]> {
  const upstream = await judgeUpstream(all, refs, (pairs) => judge(hub, pairs, known));
  const open = all.map(({ judged }, index) => {
    const there = upstream.get(index);
    return there !== undefined && there.integration.kind !== 'no' ? there : judged;
  });
  const isOpen = (index: number) =>
    open[index]?.integration.kind === 'no' && all[index]?.worktree.branch !== undefined;
  if (![...all.keys()].some(isOpen)) return open;
  const requests = await hub.farewell.mergedPullRequests();
  return open.map((judged, index) => {
    const { branch, head } = all[index]?.worktree ?? {};
    if (judged === undefined || branch === undefined || head === undefined || !isOpen(index)) return judged;
    if (!isMergedAs(requests, branch, head)) return judged;
    return { ...judged, integration: { kind: 'yes', why: 'pull_request' } };
  });
}

/** What is left open is judged against the upstreams of the bases, as far as these are among the refs; by index. */
export async function judgeUpstream(
  all: readonly JudgedWorktree[],
  refs: readonly RefFacts[],
  judgePairs: (pairs: readonly Pair[]) => Promise<readonly Judged[]>,
): Promise<ReadonlyMap<number, Judged>> {
  const pairs = all.flatMap(({ worktree, base, judged }, index): (Pair & { readonly index: number })[] => {
    if (base === undefined || worktree.head === undefined || judged?.integration.kind !== 'no') return [];
    const upstream = refs.find(({ ref }) => ref === upstreamOf(base, refs))?.sha;
    if (upstream === undefined || upstream === base.sha) return [];
    return [{ index, base: upstream, tip: worktree.head }];
  });
  if (pairs.length === 0) return new Map();
  const answers = await judgePairs(pairs);
  return new Map(pairs.flatMap(({ index }, at) => (answers[at] === undefined ? [] : [[index, answers[at]]])));
}

/** The upstreams of the bases of what is left open, by their full names. */
export const openUpstreams = (
  all: readonly JudgedWorktree[],
  refs: readonly RefFacts[],
): readonly string[] => [
  ...new Set(
    all.flatMap(({ base, judged }) =>
      base !== undefined && judged?.integration.kind === 'no' ? (upstreamOf(base, refs) ?? []) : [],
    ),
  ),
];
