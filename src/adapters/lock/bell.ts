import { type FSWatcher, watch } from 'node:fs';

/** Tells a waiter that its ticket was touched, so that it need not look again and again. */
export type Bell = {
  /** Whether anybody can ring: the number of watches per user is limited. */
  readonly works: boolean;
  /** Resolves when the ticket has been touched since the last call. */
  readonly rung: () => Promise<void>;
  readonly close: () => void;
};

const nothing = () => {};

export function openBell(folder: string): Bell {
  let watcher: FSWatcher | undefined;
  let wake = nothing;
  let pending = false;
  try {
    watcher = watch(folder, { persistent: false }, () => {
      pending = true;
      wake();
    });
    watcher.on('error', nothing); // the folder has gone; the waiter looks for itself
  } catch {
    watcher = undefined;
  }
  return {
    works: watcher !== undefined,
    rung: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (pending) resolve();
        pending = false;
      }),
    close: () => watcher?.close(),
  };
}
