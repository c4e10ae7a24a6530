import { type Base, upstreamOf } from '../domain/base.ts';
import { isFailure, saidByGit } from '../domain/failure.ts';
import type { RefFacts } from '../domain/ref-facts.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub, Ports } from './ports.ts';

/** What a sync brings into a branch. */
export type Source = {
  /** What people call it: `main`, or `origin/main` where that has all of it and more. */
  readonly name: string;
  readonly commit: Sha;
  /** Whether it is the remote-tracking branch and not the local one. */
  readonly isRemote: boolean;
  readonly warnings: readonly Warning[];
};

/** Fetches the remotes that the bases follow, each once; by the name of the upstream why that did not work. */
export async function fetchUpstreams(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  bases: readonly Base[],
  refs: readonly RefFacts[],
): Promise<ReadonlyMap<string, Warning>> {
  const upstreams = [...new Set(bases.flatMap((base) => upstreamOf(base, refs) ?? []))];
  if (!upstreams.some((name) => name.startsWith('refs/remotes/'))) return new Map();
  const remotes = await hub.git.remotes();
  const failed = new Map<string, Warning>();
  for (const remote of remotes) {
    const followed = upstreams.filter((name) => name.startsWith(`refs/remotes/${remote}/`));
    if (followed.length === 0) continue;
    narrator.note(`fetching ${remote}`);
    try {
      await hub.edits.fetch(remote, narrator.signal);
    } catch (error) {
      if (!isFailure(error, 'git_failed')) throw error;
      const message = `${remote} could not be fetched, and what is known of it was taken: ${saidByGit(error)}`;
      for (const name of followed) failed.set(name, { code: 'fetch_failed', message });
    }
  }
  return failed;
}

/** What is to come from a base: its upstream where that has all of it, else the local branch. */
export async function sourceOf(
  hub: Hub,
  base: Base,
  refs: readonly RefFacts[],
  failed: ReadonlyMap<string, Warning>,
): Promise<Source> {
  const name = upstreamOf(base, refs);
  const warning = failed.get(name ?? '');
  const warnings = warning === undefined ? [] : [warning];
  const local = { name: base.branch, commit: base.sha, isRemote: false, warnings };
  const upstream = refs.find(({ ref }) => ref === name);
  if (upstream === undefined || upstream.sha === base.sha || !upstream.ref.startsWith('refs/remotes/'))
    return local;
  const short = upstream.ref.slice('refs/remotes/'.length);
  const [divergence] = await hub.git.divergence([{ base: upstream.sha, tip: base.sha }]);
  if (divergence?.ahead === 0) return { name: short, commit: upstream.sha, isRemote: true, warnings };
  if (divergence?.behind === 0) return local;
  const message = `${base.branch} and ${short} have both gone on; ${base.branch} was taken`;
  return { ...local, warnings: [...warnings, { code: 'base_diverged', message }] };
}
