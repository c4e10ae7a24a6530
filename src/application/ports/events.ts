import type { Event, NewEvent } from '../../domain/event.ts';
import type { Warning } from '../../domain/warning.ts';

/** What following the journal brings: its events in order, what is to be known about them, and a tick at each look. */
export type EventNews =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'warning'; readonly warning: Warning }
  | { readonly kind: 'tick' };

/** The journal of the repository: what happened, numbered from 1 without gaps. Readers need no lock. */
export type Events = {
  /**
   * Appends an event, unless the journal has the same happening already. It is on disk when the promise is done;
   * that it could not be written is a warning and never a failure.
   */
  readonly append: (event: NewEvent) => Promise<readonly Warning[]>;
  /** The events after a number (all that are kept when left out), as far as there are any now. */
  readonly read: (since: number | undefined) => Promise<readonly EventNews[]>;
  /** The same, and those that come, until the signal is aborted. */
  readonly follow: (since: number | undefined, signal: AbortSignal) => Promise<AsyncIterable<EventNews>>;
};
