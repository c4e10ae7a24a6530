import type { Sha } from '../../domain/sha.ts';
import type { Ask } from './ask.ts';

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
