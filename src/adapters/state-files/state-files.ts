import { dirname } from 'node:path';
import type { Lease, Locks } from '../../application/ports/state.ts';
import type { StateChange, StateFiles } from '../../application/ports/state-files.ts';
import { failures } from '../../domain/failure.ts';
import { atomicWrite } from '../atomic-write.ts';
import type { HubContext } from '../context.ts';
import { fields } from '../git/ask.ts';
import { assertWritable, readStateText, type StateText } from './text.ts';

const attempts = 5;

export function openStateFiles(
  { ask, signal }: Pick<HubContext, 'ask' | 'signal'>,
  locks: Locks,
): StateFiles {
  return {
    tracked: (worktree, name) =>
      ask({
        cwd: worktree,
        args: ['ls-files', '-z', '--', `:(glob)**/${name}`],
        parse: ({ stdout }) => [...new Set(fields(stdout))].sort(),
      }),
    read: async (path, root) => readStateText(path, root).text,
    update: (path, root, change, { purpose = 'wt', onWait } = {}) =>
      locks.hold('repository', async (lease) => update(path, root, change, lease), {
        purpose,
        signal,
        ...(onWait === undefined ? {} : { onWait }),
      }),
  };
}

/** Reads, changes and replaces; begins anew where the file is another one by then. */
function update<T>(path: string, root: string, change: (text: string) => StateChange<T>, lease: Lease): T {
  for (let attempt = 1; ; attempt += 1) {
    const before = readStateText(path, root);
    const { text, value } = change(before.text);
    if (text === before.text) return value;
    assertWritable(before.path);
    let isSame = true;
    const assertSame = () => {
      lease.assertHeld();
      isSame = isUnchanged(before, path, root);
      if (!isSame) throw failures.changedMeanwhile(dirname(path), [path]);
    };
    try {
      atomicWrite(before.path, text, { beforeCommit: assertSame });
      return value;
    } catch (error) {
      if (isSame || attempt === attempts) throw error;
    }
  }
}

/** Whether a file is the one that was read: at the same place behind its links, with the same bytes. */
function isUnchanged(before: StateText, path: string, root: string): boolean {
  try {
    const now = readStateText(path, root);
    return now.path === before.path && now.bytes.equals(before.bytes);
  } catch {
    return false; // an editor is about to put another one there
  }
}
