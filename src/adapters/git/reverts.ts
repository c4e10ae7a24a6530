import type { BaseSince } from '../../application/ports/git.ts';
import { type Revert, revertedIn } from '../../domain/reverts.ts';
import type { Sha } from '../../domain/sha.ts';
import { type Ask, fields } from './ask.ts';

/** The commits of a base that say in their message that they take another back, one process. */
export const readReverts = (ask: Ask, { base, since }: BaseSince): Promise<Revert[]> =>
  ask({
    args: [
      'log',
      ...['--extended-regexp', '--grep=^This reverts commit [0-9a-f]{40}', '--no-show-signature', '-z'],
      ...['--format=%H%n%B', '--end-of-options', base, ...since.map((commit) => `^${commit}`), '--'],
    ],
    parse: ({ stdout }) =>
      fields(stdout).flatMap((entry) => {
        const [commit = '', ...message] = entry.split('\n');
        return revertedIn(message.join('\n')).map((reverts) => ({ commit: commit as Sha, reverts }));
      }),
  });

/** The parents of commits, in their order and in one process; `undefined` for one that git does not have. */
export const readParents = (ask: Ask, commits: readonly Sha[]): Promise<(readonly Sha[] | undefined)[]> =>
  ask({
    args: ['rev-list', '--no-walk=unsorted', '--ignore-missing', '--parents', '--stdin'],
    input: commits.map((commit) => `${commit}\n`).join(''),
    parse: ({ stdout }) => {
      const lines = stdout
        .toString('latin1')
        .split('\n')
        .filter((each) => each !== '');
      const parents = new Map(
        lines.map((each) => {
          const [id = '', ...rest] = each.split(' ');
          return [id, rest as Sha[]] as const;
        }),
      );
      return commits.map((commit) => parents.get(commit));
    },
  });
