import { failures } from '../../domain/failure.ts';

export type WaitOptions = {
  /** Milliseconds until `busy`; 30 000 unless told, 0 tries once. */
  readonly waitMs?: number;
  /** Called once, after a second of waiting. */
  readonly onWait?: (holder: string, waitedMs: number) => void;
  readonly signal?: AbortSignal;
};

/** One wait with its end: it tells the person once, and throws `busy` or `interrupted` when it is over. */
export type Patience = {
  readonly interrupted: () => void;
  readonly check: () => void;
  /** Sleeps, at most until there is something to check, or until `early` resolves. */
  readonly pause: (ms: number, early?: Promise<void>) => Promise<void>;
};

const tellAfterMs = 1_000;

export function openPatience(what: string, describe: () => string, options: WaitOptions): Patience {
  const { waitMs = 30_000, onWait, signal } = options;
  const began = performance.now();
  let told = onWait === undefined;
  const interrupted = () => {
    if (signal?.aborted)
      throw failures.interrupted(typeof signal.reason === 'string' ? signal.reason : 'SIGINT');
  };
  return {
    interrupted,
    check: () => {
      interrupted();
      const waited = performance.now() - began;
      if (waited >= waitMs) throw failures.busy(what, describe(), waited);
      if (told || waited < tellAfterMs) return;
      told = true;
      onWait?.(describe(), Math.round(waited));
    },
    pause: (ms, early) =>
      new Promise((resolve) => {
        const waited = performance.now() - began;
        const next = told || waited >= tellAfterMs ? waitMs : Math.min(waitMs, tellAfterMs);
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(1, Math.min(ms, next - waited)));
        signal?.addEventListener('abort', wake);
        early?.then(wake);
      }),
  };
}
