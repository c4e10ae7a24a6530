import { defaultBranch } from './base.ts';
import type { RefFacts } from './ref-facts.ts';

/**
 * The remote that a base comes from: the one it names, that of its upstream, `origin`, or the only one. A name such
 * as `origin/x` counts before anything was ever fetched.
 */
export function remoteOf(
  base: string | undefined,
  refs: readonly RefFacts[],
  remotes: readonly string[],
): string | undefined {
  const within = (name: string) =>
    remotes
      .filter((remote) => name === remote || name.startsWith(`${remote}/`))
      .sort((a, b) => b.length - a.length)[0];
  const branch = base ?? defaultBranch(refs);
  const local = refs.find(({ ref }) => ref === `refs/heads/${branch}`);
  const named = local === undefined ? within((base ?? '').replace(/^refs\/remotes\//, '')) : undefined;
  const upstream = local?.upstream?.replace(/^refs\/remotes\//, '');
  const usual = remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined;
  return named ?? (upstream === undefined ? undefined : within(upstream)) ?? usual;
}
