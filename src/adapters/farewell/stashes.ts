import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Stash, stashedOn } from '../../domain/stash.ts';

/** The stashes from their reflog, newest first; `git stash list` would need a work tree to stand in. */
export function readStashes(commonDir: string): Stash[] {
  let log: string;
  try {
    log = readFileSync(join(commonDir, 'logs', 'refs', 'stash'), 'utf8');
  } catch {
    return []; // nothing was ever stashed
  }
  const messages = log.split('\n').flatMap((line) => {
    const tab = line.indexOf('\t');
    return tab === -1 ? [] : [line.slice(tab + 1)];
  });
  return messages
    .reverse()
    .map((message, index) => ({ name: `stash@{${index}}`, branch: stashedOn(message) }));
}
