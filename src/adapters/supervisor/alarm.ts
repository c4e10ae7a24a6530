import { setMaxListeners } from 'node:events';
import { openBell } from '../lock/bell.ts';

/** Wakes who follows a run when something in its folder changed. */
export type Alarm = {
  /** Forgets what changed so far; call it before looking. */
  readonly hush: () => void;
  /** Resolves when something has changed since, when the signal is aborted, and anyhow after a while. */
  readonly rest: (signal: AbortSignal | undefined) => Promise<void>;
  readonly close: () => void;
};

/** An agent may write thousands of lines a second: it is looked at so often at most. */
const leastMs = 30;
/** Nothing is missed where no change is told (a file system without events, no watches left), only seen later. */
const mostMs = { told: 400, untold: 60 };

export function openAlarm(folder: string): Alarm {
  const bell = openBell(folder);
  return {
    hush: bell.hush,
    rest: (signal) =>
      new Promise((resolve) => {
        let timer = setTimeout(done, bell.works ? mostMs.told : mostMs.untold);
        let isRung = false;
        function done() {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        }
        if (signal?.aborted) done();
        else if (signal !== undefined) {
          setMaxListeners(0, signal); // one for each run that is followed is no leak
          signal.addEventListener('abort', done, { once: true });
        }
        void bell.ring().then(() => {
          if (isRung) return;
          isRung = true;
          clearTimeout(timer);
          timer = setTimeout(done, leastMs);
        });
      }),
    close: bell.close,
  };
}
