import type { Sha } from '../../domain/sha.ts';
import type { Ask } from './ask.ts';
import { historyArgs, mostHistory } from './questions.ts';

/** What reads a history and says when it has seen enough of it. */
export type HistoryReader = {
  readonly read: (id: string, parents: readonly string[]) => void;
  readonly isSettled: () => boolean;
};

// A commit whose clock was behind comes after its parents; git's own count looks five commits further.
const furtherCommits = 1000;

/** Reads the history of commits in one process, the newest first and no further back than needed. */
export async function readHistory(ask: Ask, tips: Iterable<Sha>, reader: HistoryReader): Promise<void> {
  let settledFor = 0;
  let partial = '';
  await ask({
    // A missing tip is left out by --ignore-missing; it then stays unread.
    args: ['rev-list', '--parents', '--ignore-missing', '--stdin'],
    input: [...tips, ''].join('\n'),
    env: { GIT_FLUSH: '0' },
    take: (piece) => {
      const lines = (partial + piece.toString('latin1')).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) {
        const [id = '', ...parents] = line.split(' ');
        reader.read(id, parents);
      }
      settledFor = reader.isSettled() ? settledFor + lines.length : 0;
      return settledFor > furtherCommits;
    },
    parse: () => undefined,
  });
}

/**
 * Reads what was asked ahead of the history of all branches, where there is such a reply: whether that told
 * everything. The reader is of no more use when it did not.
 */
export async function readEarlyHistory(
  ask: Ask,
  tips: ReadonlySet<Sha>,
  { read, isSettled }: HistoryReader,
): Promise<boolean> {
  const text = await ask({
    args: historyArgs,
    isEarly: true,
    parse: ({ stdout, exitCode }) => (exitCode === 0 ? stdout.toString('latin1') : ''),
  });
  const lines = text.split('\n').slice(0, -1);
  const missing = new Set<string>(tips);
  let settledFor = 0;
  for (const [at, line] of lines.entries()) {
    const [id = '', ...parents] = line.split(' ');
    missing.delete(id);
    read(id, parents);
    if (at % 100 === 99) settledFor = isSettled() ? settledFor + 100 : 0;
  }
  if (missing.size > 0) return false;
  if (lines.length < mostHistory) return true;
  return settledFor > furtherCommits;
}
