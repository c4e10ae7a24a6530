import type { DispatchRecord } from '../../domain/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import { changedPaths } from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { nothing } from '../git/ask.ts';
import { runEnvironment } from './agent-process.ts';
import { processWarnings } from './conclude.ts';
import { fingerprint } from './fingerprint.ts';
import { readSnapshot } from './run-folder.ts';
import { lookMs, type Supervised } from './supervised.ts';
import { openSweep } from './sweep.ts';

/** How long a commit's hooks may take. */
const commitMs = 30 * 60_000;

/** Commits what the agent left, and ends what its hooks leave; a request to stop ends also the commit. */
export async function commitAll(run: Supervised): Promise<Warning[]> {
  const end = new AbortController();
  const watch = setInterval(() => {
    if (run.stopRequest() !== undefined) end.abort('SIGTERM');
  }, lookMs);
  const limit = setTimeout(() => end.abort('SIGTERM'), commitMs);
  try {
    const warnings = await commitLeftovers(run, end.signal);
    const ended = await openSweep(run, null).end(run.record().request.grace_ms);
    return [...warnings, ...processWarnings(ended, undefined)];
  } finally {
    clearInterval(watch);
    clearTimeout(limit);
  }
}

/**
 * Commits what the agent left uncommitted, with the user's identity, hooks and signing; what was there before
 * the run stays as it was. When it fails the work stays uncommitted, and the warning says why.
 */
async function commitLeftovers(
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
