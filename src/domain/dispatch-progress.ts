import { oneLine } from './plain-text.ts';
import type { RateLimit } from './rate-limit.ts';
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
  /** The tool calls without a result yet, those of subagents too. */
  readonly openTools: readonly { readonly id: string; readonly nested: boolean }[];
  /** The beginning of what the agent said last. */
  readonly said: string;
  /** What claude waits for before it asks the API again. */
  readonly retry: { readonly attempt: number; readonly delayMs: number; readonly error: string } | undefined;
  /** The limit by which claude was rejected. */
  readonly limit: RateLimit | undefined;
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
  openTools: [],
  said: '',
  retry: undefined,
  limit: undefined,
  result: undefined,
  garbage: undefined,
};

/** More than any claude calls at once; of more the oldest are forgotten. */
const mostOpen = 256;

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
        openTools: isTurn ? [] : before.openTools, // claude goes on only when it has all results
      };
      if (event.kind === 'text') return { ...counted, said: oneLine(event.text) };
      const { id, nested } = event;
      return {
        ...counted,
        tool: { id, name: event.name, essence: event.essence },
        openTools: [...counted.openTools, { id, nested }].slice(-mostOpen),
      };
    }
    case 'tool-result': {
      const left = before.openTools.filter(({ id }) => id !== event.id);
      const isOver = left.every(({ nested }) => nested); // the calls of a subagent end with its own
      return {
        ...before,
        tool: before.tool?.id === event.id ? undefined : before.tool,
        openTools: isOver && !event.nested ? [] : left,
      };
    }
    case 'retry':
      return {
        ...before,
        retry: { attempt: event.attempt, delayMs: event.delayMs, error: event.error },
      };
    case 'limit':
      return { ...before, limit: event.isReached ? { resetsAt: event.resetsAt } : undefined };
    case 'result':
      return { ...before, tool: undefined, openTools: [], retry: undefined, result: event.result };
    case 'garbage':
      return { ...before, garbage: before.garbage ?? oneLine(event.text) };
    case 'other':
      return before;
  }
}

/** What a run has cost, in USD, as far as claude has told. */
export const costOf = (result: ResultEvent | undefined): number | undefined =>
  result?.total_cost_usd ?? result?.cost_usd;
