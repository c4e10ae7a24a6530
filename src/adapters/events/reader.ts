import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { EventNews } from '../../application/ports/events.ts';
import { type Event, readEvent } from '../../domain/event.ts';

export type JournalReader = {
  /** What came since the last look; the first time all there is after the number. */
  readonly look: () => readonly EventNews[];
  readonly close: () => void;
};

/**
 * Reads the journal after a number (all of it without one), without a lock, while others append to it, mend and
 * rewrite it. That nothing is missed it sees by the numbers: after a gap it reads again from the front, and tells
 * what is not there any more.
 */
export function openReader(path: string, since: number | undefined): JournalReader {
  let file: number | undefined;
  let inode: bigint | undefined;
  let position = 0;
  let last = since ?? 0;
  let isFirstLook = true;

  const isGap = (before: number, { seq }: Event) =>
    seq !== before + 1 && !(before === 0 && since === undefined);

  const take = (journal: number, from: number) => {
    const bytes = readFrom(journal, from);
    const found = eventsIn(bytes, last);
    position = from + bytes.length;
    return found;
  };

  const drain = (journal: number): EventNews[] => {
    const isCutBack = fstatSync(journal).size < position;
    let { events } = take(journal, isCutBack ? 0 : position);
    const hasGap = events.some((event, at) => isGap(events[at - 1]?.seq ?? last, event));
    if (hasGap) ({ events } = take(journal, 0));
    return events.flatMap((event) => {
      const missing = isGap(last, event) ? [gone(last + 1, event.seq - 1)] : [];
      last = event.seq;
      return [...missing, { kind: 'event', event } as const];
    });
  };

  /** Opens the file that is at the path now, and judges whether it goes on from where the last one was. */
  const open = (): EventNews[] => {
    file = openSync(path, 'r');
    inode = fstatSync(file, { bigint: true }).ino;
    const { end } = take(file, 0);
    position = 0;
    if (end >= last || isFirstLook) return drain(file);
    last = 0;
    return [warned('events_restarted', 'the journal was removed: its numbers begin anew'), ...drain(file)];
  };

  const look = (): EventNews[] => {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    const news = file === undefined ? [] : drain(file); // to its end, if another one is at the path by now
    if (found === undefined || found.ino === inode) return news;
    if (file !== undefined) closeSync(file);
    return [...news, ...open()];
  };

  return {
    look: () => {
      const news = look();
      const isFirst = isFirstLook;
      isFirstLook = false;
      if (!isFirst || since === undefined) return news;
      const end = file === undefined ? 0 : eventsIn(readFrom(file, 0), last).end;
      if (end >= last) return news;
      last = end;
      return [...news, warned('cursor_ahead', `there is no event ${since}: the last one is ${end}`)];
    },
    close: () => {
      if (file !== undefined) closeSync(file);
    },
  };
}

const warned = (code: string, message: string): EventNews => ({
  kind: 'warning',
  warning: { code, message },
});

const gone = (from: number, to: number): EventNews => {
  const which = from === to ? `event ${from} is` : `events ${from} to ${to} are`;
  return warned('events_gone', `${which} not kept any more`);
};

/** The whole lines of a file from an offset on. A line that somebody is writing, or was killed in, is none yet. */
function readFrom(file: number, from: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = from; ; ) {
    const piece = Buffer.allocUnsafe(256 * 1024);
    const count = readSync(file, piece, 0, piece.length, at);
    if (count === 0) break;
    pieces.push(piece.subarray(0, count));
    at += count;
  }
  const bytes = Buffer.concat(pieces);
  return bytes.subarray(0, bytes.lastIndexOf(10) + 1);
}

/** The events after a number, in order, and the number of the last line. */
function eventsIn(bytes: Buffer, after: number): { readonly events: readonly Event[]; readonly end: number } {
  const events: Event[] = [];
  let end = 0;
  for (const line of bytes.toString('utf8').split('\n')) {
    const known = Number(/^\{"seq":(\d+),/.exec(line)?.[1]);
    const event = known <= after ? undefined : readEvent(line);
    const seq = event?.seq ?? (known <= after ? known : 0);
    if (seq <= end) continue;
    end = seq;
    if (event !== undefined && seq > after) events.push(event);
  }
  return { events, end };
}
