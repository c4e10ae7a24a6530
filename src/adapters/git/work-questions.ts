import { isSha, type Sha } from '../../domain/object-id.ts';
import type { Ask, Question } from './ask.ts';

export type WorkQuestion = Pick<Question<unknown>, 'env' | 'signal' | 'access'>;

/** No hooks (`post-index-change`, `reference-transaction`), no daemons, and a temporary index that stands alone. */
export const withoutSideEffects = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.splitIndex=false',
  'core.safecrlf=false',
  'core.logAllRefUpdates=false',
].flatMap((setting) => ['-c', setting]);

export type At = WorkQuestion & { readonly cwd: string };
export type Change = { readonly path: string; readonly isGone: boolean };

/** HEAD and its tree; neither on a branch without commits. */
export const readHead = (
  ask: Ask,
  at: At,
): Promise<{ readonly commit: Sha | undefined; readonly tree: Sha | undefined }> =>
  ask({
    ...at,
    args: ['cat-file', '--batch-check=%(objectname)'],
    input: 'HEAD^{commit}\nHEAD^{tree}\n',
    parse: ({ stdout }) => {
      const [commit, tree] = stdout
        .toString('latin1')
        .split('\n')
        .map((row) => (isSha(row) ? row : undefined));
      return { commit, tree };
    },
  });

/** Tracked paths that differ from the index. Unlike `ls-files` it sees that a path is behind a symbolic link. */
export const readChanged = (ask: Ask, at: At): Promise<readonly Change[]> =>
  ask({
    ...at,
    args: [...withoutSideEffects, 'diff-files', '--raw', '-z', '--no-renames', '--ignore-submodules=dirty'],
    parse: ({ stdout }) => {
      const tokens = stdout.toString('latin1').split('\0').slice(0, -1);
      const gone = new Map<string, boolean>();
      for (let row = 0; row < tokens.length; row += 2) {
        const [, to, status] = /^:\d{6} (\d{6}) [0-9a-f]+ [0-9a-f]+ (\w)$/.exec(tokens[row] ?? '') ?? [];
        const path = tokens[row + 1];
        if (to === undefined || path === undefined) throw new Error('no change of diff-files');
        gone.set(path, (gone.get(path) ?? true) && (status === 'D' || to === '000000'));
      }
      return [...gone].map(([path, isGone]) => ({ path, isGone }));
    },
  });

export type Listed = { readonly others: string[]; readonly assumed: string[]; readonly skipped: string[] };

/** Untracked paths, and the tracked ones at which git is told not to look (`assume-unchanged`, `skip-worktree`). */
export const readListed = (ask: Ask, at: At): Promise<Listed> =>
  ask({
    ...at,
    args: [...withoutSideEffects, 'ls-files', '-v', '-z', '--cached', '--others', '--exclude-standard'],
    parse: ({ stdout }) => {
      const listed: Listed = { others: [], assumed: [], skipped: [] };
      for (const row of stdout.toString('latin1').split('\0').slice(0, -1)) {
        const letter = row.slice(0, 1);
        const path = row.slice(2);
        if (letter === '?') listed.others.push(path);
        else {
          if (letter !== letter.toUpperCase()) listed.assumed.push(path);
          if (letter.toUpperCase() === 'S') listed.skipped.push(path);
        }
      }
      return listed;
    },
  });

/** Raw paths as git takes them with `-z`. */
export const zeroEnded = (paths: readonly string[]): Buffer =>
  Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
