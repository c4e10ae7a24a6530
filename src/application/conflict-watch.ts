import type { ConflictsAnswer } from '../domain/answers/conflicts.ts';
import { isFailure } from '../domain/failure.ts';
import { type Answer, streamed } from './command.ts';
import type { ConflictViewOptions } from './conflict-view.ts';
import type { Hub, Ports } from './ports.ts';

export type WatchOptions = {
  readonly headsOnly: boolean;
  readonly view: (answer: ConflictsAnswer, options: ConflictViewOptions) => string;
  readonly again: () => Promise<ConflictsAnswer>;
};

/** Refs, HEADs and indexes are watched; that somebody writes a file is seen by looking. */
const restMs = 2_000;
const longestRestMs = 30_000;
/** How much longer than a look the rest after it is: on a large repository the watch must not be the load. */
const restPerLook = 10;

/**
 * Shows conflicts again whenever they have changed, until Ctrl-C: in place on a terminal, else one after the other,
 * as lines of JSON where that was asked for.
 */
export async function watchConflicts(
  { narrator, clock }: Ports,
  hub: Hub,
  { headsOnly, view, again }: WatchOptions,
): Promise<Answer<never>> {
  const detached = new AbortController();
  void narrator.hangup.then(() => detached.abort());
  const signal = AbortSignal.any([narrator.signal, narrator.outputClosed, detached.signal]);
  const { tty, format, color } = narrator;
  const isInPlace = format === 'people' && tty.stdout && tty.stderr;
  const watch = await hub.trials.watch();
  let shown: string | undefined;
  let text = '';
  try {
    while (!signal.aborted) {
      const startedAt = clock.monotonicMs();
      const answer = await looked(again, narrator.warn);
      const json = JSON.stringify(answer);
      if (answer !== undefined && json !== shown && !signal.aborted) {
        shown = json;
        text = format === 'people' ? view(answer, { color, columns: tty.columns }) : json;
        if (isInPlace) narrator.live(text.split('\n'));
        else await narrator.write(format === 'people' ? `${text}\n\n` : `${text}\n`);
      }
      const tookMs = clock.monotonicMs() - startedAt;
      const rest = Math.min(longestRestMs, Math.max(restMs, tookMs * restPerLook));
      await watch.next(headsOnly ? longestRestMs : rest, signal);
    }
  } finally {
    watch.close();
    if (isInPlace && shown !== undefined) await narrator.write(`${text}\n`); // what was seen last stays
  }
  return streamed;
}

/** Something that is in the way for a moment (a worktree that is being removed) does not end the watch. */
async function looked(
  again: () => Promise<ConflictsAnswer>,
  warn: (message: string) => void,
): Promise<ConflictsAnswer | undefined> {
  try {
    return await again();
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error.kind !== 'interrupted') warn(error.message);
    return undefined;
  }
}
