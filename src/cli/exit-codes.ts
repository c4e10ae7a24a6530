import { type Answer, elementError, type Verdict } from '../application/command.ts';
import { Failure, kindOfCode } from '../domain/failure.ts';

/** A bug in wt, with its stack on stderr (sysexits.h calls it EX_SOFTWARE). */
export const internalError = 70;

const codes: Record<Exclude<Verdict, 'interrupted'>, number> = {
  ok: 0,
  failed: 1,
  usage: 2,
  conflict: 3,
  refused: 4,
  'not-found': 5,
  busy: 6,
  tool: 7,
  timeout: 124,
};

// The first that applies to any element is the exit code of the whole.
const precedence = [internalError, 130, 143, 7, 2, 1, 124, 4, 6, 3, 5, 0];

/** 128 plus the signal's number, for the two signals that stop wt. */
export const exitCodeOfSignal = (signal: string): number => (signal === 'SIGTERM' ? 143 : 130);

/** The exit code of an error that ended a command. */
export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof Failure)) return internalError;
  if (error.kind === 'interrupted') return exitCodeOfSignal(String(error.details.signal));
  return codes[error.kind];
}

/** The exit code of an answer: of its worst element. */
export function exitCodeOfAnswer<T>(answer: Answer<T>, verdict: ((item: T) => Verdict) | undefined): number {
  const seen = new Set(
    answer.items.flatMap((item) => {
      const error = elementError(item);
      const kinds: Verdict[] = [verdict?.(item) ?? 'ok'];
      if (error !== undefined) kinds.push(kindOfCode[error.code] ?? 'failed');
      return kinds.map((kind) =>
        kind === 'interrupted' ? exitCodeOfSignal(String(error?.details.signal ?? 'SIGINT')) : codes[kind],
      );
    }),
  );
  return precedence.find((code) => seen.has(code)) ?? 0;
}
