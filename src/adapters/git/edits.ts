import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { GitEdits } from '../../application/ports/git.ts';
import type { Writer } from '../../application/ports/registrations.ts';
import { type Failure, failures, isFailure, type PushRejection } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import type { Sha } from '../../domain/sha.ts';
import type { HubContext } from '../context.ts';
import { type Ask, decodePath, line, nothing } from './ask.ts';
import { requireIdentity } from './identity.ts';
import { lockedBy } from './operations.ts';

/** What wt changes with git apart from making worktrees. Questions among it are asked as writes: they also serve
 * a roll-back after Ctrl-C, when reads are refused. */
export function openEdits(context: Pick<HubContext, 'ask' | 'repository'>): GitEdits {
  const { ask, repository } = context;
  // A remote whose URL is a relative path is found from the top of the work tree.
  const home = repository.main !== undefined && existsSync(repository.main) ? repository.main : undefined;
  return {
    fetch: async (remote, signal) => {
      const once = () =>
        ask({
          // Nothing that goes on in the background, and no FETCH_HEAD that a person may be using.
          args: ['fetch', '--quiet', '--no-write-fetch-head', '--no-auto-maintenance', '--', remote],
          cwd: home ?? repository.commonDir,
          access: 'write',
          signal,
          parse: nothing,
        });
      for (let left = 3; ; left--) {
        try {
          return await once();
        } catch (error) {
          if (left === 0 || !isGitFailure(error, passing)) throw error;
          await pause(100, undefined, { signal }).catch(() => {});
        }
      }
    },
    deleteBranch: (branch, at, writer) => deleteBranch(ask, branch, at, writer),
    commitAll: async (worktree, message) => {
      const within = { cwd: worktree, access: 'write' as const };
      await ask({ ...within, args: ['add', '--all'], parse: nothing }).catch(async (error) => {
        throw (isFailure(error, 'git_failed') && (await indexLockOf(ask, worktree))) || error;
      });
      const staged = await ask({
        ...within,
        args: ['diff', '--cached', '--quiet'],
        answers: [0, 1],
        parse: ({ exitCode }) => exitCode === 1,
      });
      if (!staged) return undefined;
      const args = ['commit', '--quiet', '--file=-'];
      await ask({ ...within, args, input: message, parse: nothing }).catch(async (error) => {
        if (isFailure(error, 'git_failed')) await requireIdentity(ask, worktree);
        throw error;
      });
      const head = await ask({ ...within, args: ['rev-parse', 'HEAD'], parse: line });
      return head as Sha;
    },
    startMerge: async (merge) => {
      const { beginMerge } = await import('./begin-merge.ts');
      return beginMerge(context, merge);
    },
    push: async (worktree, remote, source, target, signal) => {
      const refspec = `refs/heads/${source}:refs/heads/${target}`;
      const asked = { branch: source, remote, target };
      const rejected = await ask({
        args: ['push', '--quiet', '--porcelain', '--', remote, refspec],
        cwd: worktree ?? home ?? repository.commonDir,
        access: 'write',
        signal,
        answers: [0, 1],
        parse: ({ stdout, stderr, exitCode }) =>
          exitCode === 0 ? undefined : readRejection(decodePath(stdout), stderr),
      }).catch((error) => {
        if (!isFailure(error, 'git_failed')) throw error;
        throw failures.pushRejected(asked, { kind: 'unreachable', stderr: String(error.details.stderr) });
      });
      if (rejected !== undefined) throw failures.pushRejected(asked, rejected);
    },
  };
}

/** That a worktree's index is locked, as a failure; `undefined` when it is not. */
async function indexLockOf(ask: Ask, worktree: string): Promise<Failure | undefined> {
  const args = ['rev-parse', '--path-format=absolute', '--git-path', 'index.lock'];
  return lockedBy(await ask({ args, cwd: worktree, access: 'write', parse: line }));
}

/** Who refused a push: git here, as the branch has gone on there, or the remote, by a hook or a protection. */
function readRejection(porcelain: string, stderr: string): PushRejection {
  const [, summary = ''] = /^!\t[^\t]*\t(.*)$/m.exec(porcelain) ?? [];
  const [, by = '', reason] = /^\[(.*?)\](?: \((.*)\))?$/.exec(summary) ?? [];
  return { kind: by === 'rejected' ? 'moved' : 'refused', reason, stderr };
}

/**
 * What fails a fetch only while something else is at work: another fetch has just moved a ref, or the HEAD of a
 * worktree that is being added is all zeros (git 2.39 writes it so, some milliseconds before it names the branch).
 */
const passing = /cannot lock ref|bad object worktrees\/|failed to read .*commondir/;

const isGitFailure = (error: unknown, stderr: RegExp): error is Failure =>
  isFailure(error, 'git_failed') && stderr.test(String(error.details.stderr));

/** Compare and swap to nothing; a branch that is checked out somewhere is left, or that worktree would be unborn. */
export async function deleteBranch(ask: Ask, branch: string, at: Sha, writer?: Writer): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const marked =
    writer === undefined ? {} : { onChild: writer.child, env: { [intentMarker(writer.id).name]: writer.id } };
  const look = () =>
    ask({
      args: ['for-each-ref', '--format=%(refname)%00%(objectname)%00%(worktreepath)', ref],
      access: 'write',
      parse: ({ stdout }) =>
        stdout
          .toString('utf8')
          .split('\n')
          .map((row) => row.split('\0'))
          .find(([name]) => name === ref),
    });
  const [, sha, worktree] = (await look()) ?? [];
  if (sha !== at || worktree !== '') return false;
  try {
    await ask({
      ...marked,
      args: ['update-ref', '--no-deref', '-d', ref, at],
      access: 'write',
      parse: nothing,
    });
    return true;
  } catch (error) {
    if ((await look())?.[1] !== at) return false; // it moved between the two
    throw error;
  }
}
