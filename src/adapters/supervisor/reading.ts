import { type DispatchProgress, noProgress, progressed } from '../../domain/dispatch-progress.ts';
import { longestNeeded, readBeginning } from '../../domain/long-line.ts';
import { readEvents, type StreamEvent } from '../../domain/stream-event.ts';
import { openLines } from './lines.ts';
import { runFiles } from './run-folder.ts';

/** The progress of an attempt, read from its stream as it grows. */
export type StreamReading = {
  readonly progress: () => DispatchProgress;
  /** Reads what came since, at most a few megabytes at once; whether there may be more. */
  readonly read: () => boolean;
  /** Reads everything there is; for when nobody writes any more. */
  readonly readToEnd: () => DispatchProgress;
  /** Bytes of the stream that were read: a sign of life. */
  readonly position: () => number;
  readonly close: () => void;
};

/** Between two looks for a request to stop. */
const budget = 8 * 1024 * 1024;

/** Opens the stream of a run at the offset where its current attempt begins. */
export function openReading(folder: string, from: number): StreamReading {
  let progress = noProgress;
  const take = (events: readonly StreamEvent[]) => {
    for (const event of events) progress = progressed(progress, event);
  };
  const lines = openLines(runFiles(folder).stream, {
    from,
    most: longestNeeded,
    onLong: (head) => take(readBeginning(head)),
  });
  const read = (most?: number) => {
    const position = lines.position();
    for (const line of lines.next(most)) take(readEvents(line));
    return most !== undefined && lines.position() - position >= most;
  };
  return {
    progress: () => progress,
    read: () => read(budget),
    readToEnd: () => {
      read();
      const last = lines.last();
      if (last !== undefined) take(readEvents(last));
      return progress;
    },
    position: lines.position,
    close: lines.close,
  };
}

/** The progress of a run's current attempt from all that it has written. */
export function progressOf(folder: string, { stream_offset }: { readonly stream_offset: number }) {
  const reading = openReading(folder, stream_offset);
  try {
    return reading.readToEnd();
  } finally {
    reading.close();
  }
}
