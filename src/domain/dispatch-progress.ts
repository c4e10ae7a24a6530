import { oneLine } from './plain-text.ts';
import type { ResultEvent, StreamEvent } from './stream-event.ts';

/** How far a run is, from the events of its stream so far; its size does not grow with them. */
export type DispatchProgress = {
  /** The session that claude announced; `undefined` while it has not, and then it cannot be resumed. */
  readonly sessionId: string | undefined;
  readonly turns: number;
  /** The message counted last: each of its blocks is an event of its own. */
  readonly message: string | undefined;
  /** The tool that runs now. */
  readonly tool: { readonly id: string; readonly name: string; readonly essence: string } | undefined;
  /** The beginning of what the agent said last. */
  readonly said: string;
  /** What claude waits for before it asks the API again. */
  readonly retry: { readonly attempt: number; readonly error: string } | undefined;
  /** The last `result`; events may follow it. */
  readonly result: ResultEvent | undefined;
  /** The first line that was no event, from a claude that is none. */
  readonly garbage: string | undefined;
};

export const noProgress: DispatchProgress = {
  sessionId: undefined,
  turns: 0,
  message: undefined,
  tool: undefined,
  said: '',
  retry: undefined,
  result: undefined,
  garbage: undefined,
};

/** The progress after one more event. */
export function progressed(before: DispatchProgress, event: StreamEvent): DispatchProgress {
  switch (event.kind) {
    case 'init':
      return { ...before, sessionId: event.sessionId };
    case 'text':
    case 'tool': {
      const isTurn = !event.nested && (event.message === '' || event.message !== before.message);
      const counted = {
        ...before,
        retry: undefined,
        turns: before.turns + (isTurn ? 1 : 0),
        message: event.nested ? before.message : event.message,
      };
      if (event.kind === 'text') return { ...counted, said: oneLine(event.text) };
      return { ...counted, tool: { id: event.id, name: event.name, essence: event.essence } };
    }
    case 'tool-result':
      return before.tool?.id === event.id ? { ...before, tool: undefined } : before;
    case 'retry':
      return { ...before, retry: { attempt: event.attempt, error: event.error } };
    case 'result':
      return { ...before, tool: undefined, retry: undefined, result: event.result };
    case 'garbage':
      return { ...before, garbage: before.garbage ?? oneLine(event.text) };
    case 'other':
      return before;
  }
}

/** What a run has cost, in USD, as far as claude has told. */
export const costOf = (result: ResultEvent | undefined): number | undefined =>
  result?.total_cost_usd ?? result?.cost_usd;
