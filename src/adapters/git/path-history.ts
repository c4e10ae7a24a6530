import type { PathHistoryQuestion } from '../../application/ports/git.ts';
import { mostCommits, type PathHistory, type TouchingCommit } from '../../domain/escalation.ts';
import { isSha } from '../../domain/object-id.ts';
import { type Ask, decodePath } from './ask.ts';

/**
 * The commits, merges left out, that a tip has and another lacks and that touch some paths: the newest of each path,
 * and how many there are. One process; `env` may lend git commits that are elsewhere.
 */
export const readPathHistory = (
  ask: Ask,
  { tip, without, paths }: PathHistoryQuestion,
  env: Readonly<Record<string, string>> = {},
): Promise<PathHistory> => {
  const wanted = new Set(paths);
  // git would not know a path that was made readable, and reads one per line: then it tells of all.
  const isAskable = paths.every((path) => !/\\x[0-9A-F]{2}|\n/.test(path));
  return ask({
    args: [
      ...['--literal-pathspecs', 'log', '--no-merges', '--no-renames', '--name-only', '-z'],
      ...['--no-show-signature', '--encoding=UTF-8', `--format=%x01%H%x02%ct%x02%an%x02%s`, '--stdin'],
    ],
    env,
    input: `${tip}\n^${without}\n--\n${isAskable ? paths.map((path) => `${path}\n`).join('') : ''}`,
    parse: ({ stdout }) => parsePathHistory(decodePath(stdout), wanted),
  });
};

const mark = '\u0001';
const gap = '\u0002';

/** The parser of that log: a marked field opens a commit, the fields after it are its paths, a newline before the first. */
export function parsePathHistory(text: string, wanted: ReadonlySet<string>): PathHistory {
  const found = new Map<string, { commits: TouchingCommit[]; count: number }>();
  let touching: TouchingCommit | undefined;
  let isFirst = false;
  for (const token of text.split('\0')) {
    const [opening = '', seconds = '', author = '', ...subject] = token.split(gap);
    if (opening.startsWith(mark) && isSha(opening.slice(1))) {
      touching = {
        commit: opening.slice(1),
        subject: subject.join(gap),
        author,
        time: new Date(Number(seconds) * 1000).toISOString(),
      };
      isFirst = true;
      continue;
    }
    const path = isFirst ? token.replace(/^\n/, '') : token;
    isFirst = false;
    if (touching === undefined || !wanted.has(path)) continue;
    const history = found.get(path) ?? { commits: [], count: 0 };
    history.count++;
    if (history.commits.length < mostCommits) history.commits.push(touching);
    found.set(path, history);
  }
  return found;
}
