import { setTimeout as pause } from 'node:timers/promises';
import type { EventNews, Events } from '../application/ports/events.ts';
import type { Locks } from '../application/ports/state.ts';
import { failures, isFailure } from '../domain/failure.ts';
import { appendToJournal, journalPath } from './events/journal.ts';
import { openReader } from './events/reader.ts';
import { unwritable } from './unwritable.ts';

export type EventsOptions = {
  readonly now?: () => Date;
  /** Bytes of the journal beyond which the older half of it is dropped. */
  readonly most?: number;
  readonly waitMs?: number;
};

const stepMs = 80;

/** The journal of a repository, in its control plane. */
export function openEvents(stateDir: string, locks: Locks, options: EventsOptions = {}): Events {
  const { now = () => new Date(), most = 8 * 1024 * 1024, waitMs = 10_000 } = options;
  const path = journalPath(stateDir);
  return {
    append: async (event) => {
      try {
        await locks.hold(
          'events',
          async ({ assertHeld }) => appendToJournal(path, event, { now, most, assertHeld }),
          { purpose: 'writing an event', waitMs },
        );
        return [];
      } catch (error) {
        const failure = unwritable(path, error);
        if (!isFailure(failure)) throw failure;
        return [{ code: 'event_not_written', message: `${event.type} was not written: ${failure.message}` }];
      }
    },
    read: async (since) => {
      const reader = openReader(path, since);
      try {
        return reader.look();
      } catch (error) {
        throw unreadable(path, error);
      } finally {
        reader.close();
      }
    },
    follow: async (since, signal) => follow(path, since, signal),
  };
}

async function* follow(
  path: string,
  since: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<EventNews> {
  const reader = openReader(path, since);
  try {
    while (!signal.aborted) {
      yield* reader.look();
      yield { kind: 'tick' };
      await pause(stepMs);
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    reader.close();
  }
}

const unreadable = (path: string, error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? failures.commandFailed(path, `cannot be read: ${error.message}`, { path })
    : error;
