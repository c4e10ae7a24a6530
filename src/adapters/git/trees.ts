import { isSha, type Sha } from '../../domain/object-id.ts';
import type { Ask } from './ask.ts';

/** The trees of commits, in their order and in one process; `undefined` for one that git does not have. */
export const readTrees = (
  ask: Ask,
  commits: readonly Sha[],
  env: Readonly<Record<string, string>> = {},
): Promise<(Sha | undefined)[]> =>
  ask({
    args: ['cat-file', '--batch-check=%(objectname)'],
    env,
    input: commits.map((commit) => `${commit}^{tree}\n`).join(''),
    parse: ({ stdout }) => {
      const lines = stdout.toString('latin1').split('\n').slice(0, -1);
      if (lines.length !== commits.length) throw new Error(`${lines.length} trees of ${commits.length}`);
      return lines.map((line) => (isSha(line) ? line : undefined));
    },
  });

/** When commits were made, in their order and in one process; `undefined` for one that git does not have. */
export const readCommitDates = (ask: Ask, commits: readonly Sha[]): Promise<(Date | undefined)[]> =>
  ask({
    args: [
      'rev-list',
      '--no-walk=unsorted',
      '--ignore-missing',
      '--no-commit-header',
      '--format=%H %ct',
      '--stdin',
    ],
    input: commits.map((commit) => `${commit}\n`).join(''),
    parse: ({ stdout }) => {
      const lines = stdout.toString('latin1').split('\n');
      const seconds = new Map(lines.map((line) => line.split(' ') as [string, string]));
      return commits.map((commit) => {
        const time = seconds.get(commit);
        return time === undefined ? undefined : new Date(Number(time) * 1000);
      });
    },
  });
