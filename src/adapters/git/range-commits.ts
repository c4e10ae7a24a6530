import type { Range } from '../../application/ports/git.ts';
import type { RangeCommit } from '../../domain/range-commit.ts';
import { Sha } from '../../domain/sha.ts';
import { type Ask, fields } from './ask.ts';

const parts = ['%H', '%P', '%an', '%ae', '%ad', '%s', '%b', '%B'];

/** The commits that a tip has and another lacks, the oldest first and none before its parents, one process. */
export const readRangeCommits = (
  ask: Ask,
  { since, tip }: Range,
  env: Readonly<Record<string, string>> = {},
): Promise<RangeCommit[]> =>
  ask({
    args: [
      ...['-c', 'log.showSignature=false', 'log', '--topo-order', '--reverse', '--encoding=UTF-8'],
      ...['--date=raw', '-z', `--format=${parts.join('%x00')}`, '--end-of-options', tip, `^${since}`, '--'],
    ],
    env,
    parse: ({ stdout }) => {
      const found = fields(stdout);
      if (found.length % parts.length !== 0) throw new Error(`${found.length} fields of git log`);
      return Array.from({ length: found.length / parts.length }, (_, at) => {
        const [
          commit,
          parents = '',
          name = '',
          email = '',
          date = '',
          subject = '',
          body = '',
          message = '',
        ] = found.slice(at * parts.length, (at + 1) * parts.length);
        return {
          commit: Sha.parse(commit),
          parents: parents
            .split(' ')
            .filter(Boolean)
            .map((parent) => Sha.parse(parent)),
          subject,
          body,
          message,
          author: { name, email, date },
        };
      });
    },
  });

/** The commits of a range that a remote-tracking branch has, the newest first. */
export async function readPushed(ask: Ask, { since, tip }: Range): Promise<readonly Sha[]> {
  const commits = (...more: readonly string[]) =>
    ask({
      args: ['rev-list', tip, `^${since}`, ...more],
      parse: ({ stdout }) =>
        stdout
          .toString('latin1')
          .split('\n')
          .slice(0, -1)
          .map((id) => Sha.parse(id)),
    });
  const [all, own] = await Promise.all([commits(), commits('--not', '--remotes')]);
  const mine = new Set(own);
  return all.filter((commit) => !mine.has(commit));
}
