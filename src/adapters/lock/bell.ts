import { type FSWatcher, watch } from 'node:fs';

/** Tells a waiter that its ticket was touched, so that it need not look all the time. */
export type Bell = {
  /** `false` where nobody can ring: the number of watches per user is limited. */
  readonly works: boolean;
  /** Forgets earlier rings; call it before looking at what a ring announces. */
  readonly hush: () => void;
  /** Resolves at the first ring since `hush`. */
  readonly ring: () => Promise<void>;
  readonly close: () => void;
};

const nothing = () => {};

export function openBell(folder: string): Bell {
  let watcher: FSWatcher | undefined;
  let rung = false;
  let wake = nothing;
  try {
    watcher = watch(folder, { persistent: false }, () => {
      rung = true;
      wake();
    });
    watcher.on('error', nothing);
  } catch {
    // the waiter looks for itself, more often
  }
  return {
    works: watcher !== undefined,
    hush: () => {
      rung = false;
      wake = nothing;
    },
    ring: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (rung) resolve();
      }),
    close: () => watcher?.close(),
  };
}
