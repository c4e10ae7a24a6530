import type { DispatchReason } from './answers/dispatch.ts';
import type { StopCause } from './dispatch.ts';
import { oneLine } from './plain-text.ts';
import type { ResultEvent } from './stream-event.ts';

/** What is known of a run that is over. `undefined` is unknown, never none. */
export type RunEvidence = {
  readonly started: boolean;
  /** Why claude could not be started, or its last words on stderr. */
  readonly complaint: string | undefined;
  readonly stopped: StopCause | undefined;
  /** How claude's process ended; `undefined` when nobody saw it end. */
  readonly exit: Exit | undefined;
  readonly result: ResultEvent | undefined;
  /** Commits since the start. */
  readonly commits: number | undefined;
  /** Whether HEAD or a file that git does not ignore changed. */
  readonly changed: boolean | undefined;
};
export type Exit = { readonly code: number | null; readonly signal: string | null };

/** How a run ended, by evidence; `message` says for people why it failed. */
export type DispatchVerdict =
  | { readonly status: 'complete'; readonly reason: null | 'dirty' | 'denied' | 'no_commits' }
  | {
      readonly status: 'failed';
      readonly reason: Exclude<DispatchReason, 'dirty' | 'denied' | 'no_commits'>;
      readonly message: string;
    };

/**
 * The verdict on a run, the first that applies: what wt itself did to it, a claude that said nothing, claude's
 * own error (`is_error` before `subtype`), and only then what the worktree shows.
 */
export function judge(evidence: RunEvidence): DispatchVerdict {
  const { result, stopped } = evidence;
  if (stopped === 'timeout') return failed('timeout', 'the time limit was reached');
  if (stopped === 'stalled') return failed('stalled', 'claude gave no sign of life for too long');
  if (stopped !== undefined) return failed('cancelled', 'it was cancelled');
  if (!evidence.started) return failed('not_started', evidence.complaint ?? 'claude was never started');
  if (result === undefined) return withoutResult(evidence);
  if (result.is_error || result.subtype.startsWith('error_')) return claudesError(result);
  if (evidence.commits === undefined || (evidence.commits === 0 && evidence.changed === undefined)) {
    return failed('error', 'claude is done, but what it did in the worktree could not be determined');
  }
  if (evidence.commits > 0) return { status: 'complete', reason: null };
  if (evidence.changed) return { status: 'complete', reason: 'dirty' };
  return { status: 'complete', reason: result.permission_denials.length > 0 ? 'denied' : 'no_commits' };
}

const failed = (
  reason: Extract<DispatchVerdict, { status: 'failed' }>['reason'],
  message: string,
): DispatchVerdict => ({ status: 'failed', reason, message });

function withoutResult({ exit, complaint }: RunEvidence): DispatchVerdict {
  const words = complaint === undefined ? '' : `: ${complaint}`;
  if (exit === undefined) return failed('lost', 'its supervisor died, and claude left no result');
  if (exit.signal !== null) return failed('error', `claude was ended by ${exit.signal}${words}`);
  if (exit.code === 0) return failed('error', `claude ended without a result${words}`);
  return failed('error', `claude ended with ${exit.code}${words}`);
}

function claudesError(result: ResultEvent): DispatchVerdict {
  const words = oneLine(result.errors[0] ?? result.result ?? result.subtype, 300);
  if (result.subtype === 'error_max_turns') return failed('max_turns', words);
  if (result.subtype === 'error_max_budget_usd') return failed('budget', words);
  if (result.api_error_status === 429) return failed('rate_limited', words);
  const isApiError = result.subtype === 'success' || typeof result.api_error_status === 'number';
  return failed(isApiError ? 'api_error' : 'error', words);
}
