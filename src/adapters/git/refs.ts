import { isSha, type Sha } from '../../domain/object-id.ts';
import type { RefFacts } from '../../domain/ref-facts.ts';
import { type Ask, line } from './ask.ts';
import { refsArgs } from './questions.ts';

/** Branches of this repository and of its remotes with their tips: one process. */
export const readRefs = (
  ask: Ask,
  patterns: readonly string[] = ['refs/heads', 'refs/remotes'],
): Promise<RefFacts[]> =>
  ask({
    args: refsArgs(patterns),
    parse: ({ stdout }) =>
      stdout
        .toString('utf8')
        .split('\n')
        .flatMap((row): RefFacts[] => {
          if (row === '') return [];
          const [ref = '', sha = '', tree = '', seconds = '', upstream = '', symref = '', ...subject] =
            row.split('\0');
          if (!isSha(sha)) throw new Error(`no object id in ${JSON.stringify(row)}`);
          if (!isSha(tree)) return []; // a branch that names something other than a commit
          return [
            {
              ref,
              sha,
              tree,
              committedAt: new Date(Number(seconds) * 1000),
              subject: subject.join(' '),
              upstream: upstream === '' ? undefined : upstream,
              symref: symref === '' ? undefined : symref,
            },
          ];
        }),
  });

/** The commit that a revision names, peeled; `undefined` when there is none. */
export const readCommit = (ask: Ask, revision: string, cwd?: string): Promise<Sha | undefined> =>
  ask({
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    answers: [0, 1, 128],
    parse: (reply) => {
      const id = line(reply);
      return isSha(id) ? id : undefined;
    },
    ...(cwd === undefined ? {} : { cwd }),
  });
