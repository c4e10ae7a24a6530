import { remoteOf } from '../domain/base-remote.ts';
import { failures, isFailure, saidByGit } from '../domain/failure.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub, Ports } from './ports.ts';

/**
 * Fetches the remote that a base comes from, before anything is made. What was asked for by a flag and fails is a
 * failure; what is only configured is a warning.
 */
export async function fetchBase(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  base: string | undefined,
  options: { readonly asked: boolean },
): Promise<readonly Warning[]> {
  const [remotes, refs] = await Promise.all([hub.git.remotes(), hub.git.refs()]);
  const remote = remoteOf(base, refs, remotes);
  if (remote === undefined) {
    if (!options.asked) return [];
    throw remotes.length === 0
      ? failures.usage('there is no remote to fetch from', 'git remote add origin <url>')
      : failures.usage(
          `which of the remotes to fetch is not clear: ${remotes.join(', ')}`,
          'name the base as --base <remote>/<branch>',
        );
  }
  narrator.note(`fetching ${remote}`);
  try {
    await hub.edits.fetch(remote, narrator.signal);
    return [];
  } catch (error) {
    if (options.asked || !isFailure(error, 'git_failed')) throw error;
    return [{ code: 'fetch_failed', message: `${remote} could not be fetched: ${saidByGit(error)}` }];
  }
}
