import type { DispatchRecord } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import { changedPaths } from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { nothing } from '../git/ask.ts';
import { runEnvironment } from './agent-process.ts';
import { fingerprint } from './fingerprint.ts';
import { readSnapshot } from './run-folder.ts';
import type { Supervised } from './supervised.ts';

/**
 * Commits what the agent left uncommitted, with the user's identity, hooks and signing; what was there before
 * the run stays as it was. When it fails the work stays uncommitted, and the warning says why.
 */
export async function commitLeftovers(
  { folder, ask, record: current }: Supervised,
  signal: AbortSignal,
): Promise<Warning[]> {
  const record = current();
  const cwd = record.dispatch.worktree_path ?? '';
  const before = readSnapshot(folder)?.own;
  const now = await fingerprint(ask, cwd);
  if (before === undefined || 'fault' in before || 'fault' in now) {
    return [uncommitted('what it changed could not be determined')];
  }
  const paths = changedPaths(before.fingerprint, now.fingerprint).filter(
    (path) => path in now.fingerprint.entries,
  );
  if (paths.length === 0) return [];
  const wasClean = Object.keys(before.fingerprint.entries).length === 0;
  const input = paths
    .filter((path) => !path.endsWith('/')) // a repository of its own, which cannot be committed here
    .map((path) => `${path}\0`)
    .join('');
  const env = { ...runEnvironment({}, record), GIT_LITERAL_PATHSPECS: '1' };
  const options = { cwd, env, access: 'write', parse: nothing, signal } as const;
  const commit = ['commit', '--quiet', '--message', message(record)];
  try {
    if (wasClean) {
      await ask({ args: ['add', '-A'], ...options });
      await ask({ args: commit, ...options });
    } else {
      // update-index takes paths that are gone from both index and work tree, where `git add` refuses.
      await ask({ args: ['update-index', '--add', '--remove', '-z', '--stdin'], input, ...options });
      const only = ['--only', '--pathspec-from-file=-', '--pathspec-file-nul'];
      await ask({ args: [...commit, ...only], input, ...options });
    }
    return [];
  } catch (error) {
    if (isFailure(error)) return [uncommitted(error.message)];
    throw error;
  }
}

const uncommitted = (why: string): Warning => ({
  code: 'commit_failed',
  message: `what the agent left is not committed: ${why}`,
});

const message = ({ dispatch }: DispatchRecord): string =>
  `Keep what ${dispatch.dispatch_id} left\n\nThe agent ended without committing these changes; wt dispatch --commit did.\n`;
