import type { CheckAnswer, DispatchReason } from './answers/dispatch.ts';
import type { StopCause } from './dispatch.ts';
import { oneLine } from './plain-text.ts';
import { limitBehind, type RateLimit } from './rate-limit.ts';
import type { ResultEvent } from './stream-event.ts';

/** What is known of a claude that is over. `undefined` is unknown, never none. */
export type ClaudeEvidence = {
  /** Whether any claude of the run was. */
  readonly started: boolean;
  /** Why the last claude could not be started. */
  readonly fault: string | undefined;
  /** Its last words on stderr. */
  readonly complaint: string | undefined;
  readonly stopped: StopCause | undefined;
  /** How claude's process ended; `undefined` when nobody saw it end. */
  readonly exit: Exit | undefined;
  readonly result: ResultEvent | undefined;
  /** The limit that claude was rejected by, where the stream told of it. */
  readonly limit: RateLimit | undefined;
  /** Whether a structured output was asked for: claude 2.1.197 succeeds without one when the model only talks. */
  readonly isStructured: boolean;
};
export type Exit = { readonly code: number | null; readonly signal: string | null };

/** What is known of a run that is over. */
export type RunEvidence = ClaudeEvidence & {
  /** Commits since the start. */
  readonly commits: number | undefined;
  /** Whether HEAD or a file that git does not ignore changed. */
  readonly changed: boolean | undefined;
  /** How the command that decides ended; `unknown` when nobody saw it end. */
  readonly check: CheckAnswer | 'none' | 'unknown';
  readonly attempts: number;
};

type Failed = {
  readonly status: 'failed';
  readonly reason: Exclude<DispatchReason, 'dirty' | 'denied' | 'no_commits'>;
  readonly message: string;
};

/** How a run ended, by evidence; `message` says for people why it failed. */
export type DispatchVerdict =
  | { readonly status: 'complete'; readonly reason: null | 'dirty' | 'denied' | 'no_commits' }
  | (Failed & { readonly check?: CheckAnswer });

/** Whether a check passed: anything but exit code 0 is a failure. */
export const isPassed = (check: CheckAnswer): boolean => check.exit_code === 0;

/**
 * The verdict on a run, the first that applies: what wt itself did to it, a claude that said nothing, claude's
 * own error (`is_error` before `subtype`), the command that decides, and only then what the worktree shows.
 */
export function judge(evidence: RunEvidence): DispatchVerdict {
  const { check } = evidence;
  const failure = failureOfClaude(evidence);
  const isChecked = failure === undefined || failure.reason === 'max_turns';
  if (!isChecked) return failure;
  if (typeof check === 'object' && !isPassed(check))
    return { ...checkFailed(check, evidence.attempts), check };
  if (failure !== undefined && typeof check !== 'object') return failure;
  if (check === 'unknown') return failed('lost', 'its supervisor died before it could be checked');
  if (evidence.commits === undefined || (evidence.commits === 0 && evidence.changed === undefined)) {
    return failed('error', 'claude is done, but what it did in the worktree could not be determined');
  }
  if (evidence.commits > 0) return { status: 'complete', reason: null };
  if (evidence.changed) return { status: 'complete', reason: 'dirty' };
  const isDenied = (evidence.result?.permission_denials.length ?? 0) > 0;
  return { status: 'complete', reason: isDenied ? 'denied' : 'no_commits' };
}

/** Why a claude failed by itself or was ended, whatever the worktree shows; `undefined` when it did its work. */
export function failureOfClaude(evidence: ClaudeEvidence): Failed | undefined {
  const { result, stopped } = evidence;
  if (stopped === 'timeout') return failed('timeout', 'the time limit was reached');
  if (stopped === 'stalled') return failed('stalled', 'claude gave no sign of life for too long');
  if (stopped !== undefined) return failed('cancelled', 'it was cancelled');
  if (!evidence.started) return failed('not_started', evidence.fault ?? 'claude was never started');
  if (evidence.fault !== undefined) {
    return failed('error', `claude could not be started again: ${evidence.fault}`);
  }
  if (result === undefined) return withoutResult(evidence);
  const isError = result.is_error || result.subtype.startsWith('error_');
  if (isError) return claudesError(result, evidence.limit);
  return evidence.isStructured && result.structured_output === undefined
    ? failed('error', 'claude gave no structured output, which --json-schema asks for')
    : undefined;
}

const failed = (reason: Failed['reason'], message: string): Failed => ({ status: 'failed', reason, message });

function withoutResult({ exit, complaint }: ClaudeEvidence): Failed {
  const words = complaint === undefined ? '' : `: ${complaint}`;
  if (exit === undefined) return failed('lost', 'its supervisor died, and claude left no result');
  if (exit.signal !== null) return failed('error', `claude was ended by ${exit.signal}${words}`);
  if (exit.code === 0) return failed('error', `claude ended without a result${words}`);
  return failed('error', `claude ended with ${exit.code}${words}`);
}

function claudesError(result: ResultEvent, limit: RateLimit | undefined): Failed {
  const words = oneLine(result.errors[0] ?? result.result ?? result.subtype, 300);
  if (result.subtype === 'error_max_turns') return failed('max_turns', words);
  if (result.subtype === 'error_max_budget_usd') return failed('budget', words);
  if (limitBehind(result, limit) !== undefined) return failed('rate_limited', words);
  const isApiError = result.subtype === 'success' || typeof result.api_error_status === 'number';
  return failed(isApiError ? 'api_error' : 'error', words);
}

function checkFailed({ command, exit_code, signal }: CheckAnswer, attempts: number): Failed {
  const how = signal ?? `exit code ${exit_code ?? 'unknown'}`;
  const after = attempts === 1 ? 'one attempt' : `${attempts} attempts`;
  return failed('error', `${oneLine(command)} still failed (${how}) after ${after}`);
}
