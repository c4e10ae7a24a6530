import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { RepositoryWatch } from '../../application/ports/watch.ts';

/** What follows a change within this time belongs to it: a commit writes several files. */
const calmMs = 150;

/**
 * Watches the folders where git keeps refs, HEADs and indexes. Folders that come later are taken in at the next call.
 * Where watches are not to be had (their number is limited) there is only the time.
 */
export function watchRepository(commonDir: string): RepositoryWatch {
  const watchers = new Map<string, FSWatcher>();
  let changed = false;
  let wake = () => {};

  const watchFolder = (folder: string) => {
    if (watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (!isOfGit(name)) return;
        changed = true;
        wake();
      });
      watcher.on('error', () => forget(folder));
      watchers.set(folder, watcher);
    } catch {
      // gone again, or no watches left
    }
  };
  const forget = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const lookAround = () => {
    watchFolder(commonDir);
    for (const name of listing(join(commonDir, 'worktrees'))) watchFolder(join(commonDir, 'worktrees', name));
    const refs = [join(commonDir, 'refs', 'heads')];
    for (let folder = refs.pop(); folder !== undefined; folder = refs.pop()) {
      watchFolder(folder);
      for (const name of folders(folder)) refs.push(join(folder, name));
    }
    watchFolder(join(commonDir, 'worktrees'));
  };

  lookAround();
  return {
    next: async (mostMs, signal) => {
      lookAround();
      if (!changed) await pause(mostMs, signal, (done) => (wake = done));
      while (changed && !signal.aborted) {
        changed = false;
        await pause(calmMs, signal, () => {});
      }
      wake = () => {};
    },
    close: () => {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

// wt's own folder changes when it remembers what it saw, and git's locks come and go without a change.
const isOfGit = (name: string | null): boolean => name === null || !(name === 'wt' || name.endsWith('.lock'));

function pause(ms: number, signal: AbortSignal, onWake: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    signal.addEventListener('abort', done, { once: true });
    onWake(done);
  });
}

const listing = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const folders = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
};
