import { rmSync } from 'node:fs';
import type { Farewell } from '../../application/ports/farewell.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import type { HubContext } from '../context.ts';
import { nothing } from '../git/ask.ts';
import { readRemotes } from '../git/remotes.ts';
import { writeArchive } from './archive.ts';
import { mendHooks } from './mend-hooks.ts';
import { diskSize } from './size.ts';
import { readStashes } from './stashes.ts';

export function openFarewell({ ask, repository, variables, signal }: HubContext): Farewell {
  return {
    archive: (wanted) => writeArchive(ask, wanted),
    withdraw: async (folder) => rmSync(folder, { recursive: true, force: true }),
    size: diskSize,
    mergedPullRequests: async () => {
      const { main, current, commonDir } = repository;
      if ((await readRemotes(ask)).length === 0) return [];
      const { readMergedPullRequests } = await import('./pull-requests.ts');
      return readMergedPullRequests(main ?? current ?? commonDir, variables, signal);
    },
    stashes: async () => readStashes(repository.commonDir),
    deleteRemoteBranch: async ({ remote, branch, at, signal }) => {
      const ref = `refs/heads/${branch}`;
      await ask({
        args: ['push', '--quiet', `--force-with-lease=${ref}:${at}`, '--', remote, `:${ref}`],
        access: 'write',
        signal,
        parse: nothing,
      }).catch((error) => {
        if (isFailure(error, 'git_failed'))
          throw failures.remoteBranchKept(remote, branch, String(error.details.stderr));
        throw error;
      });
    },
    mendHooks: async (gone, survivors) => mendHooks(repository, gone, survivors),
  };
}
