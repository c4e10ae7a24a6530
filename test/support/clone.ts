import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePath } from '../../src/adapters/git/ask.ts';
import type { TestRepo } from './repo.ts';

/** What git itself came to; of conflicts the paths with unmerged stages, sorted, as the contract gives them. */
export type Merged =
  | { readonly kind: 'clean'; readonly tree: string }
  | { readonly kind: 'conflicts'; readonly paths: readonly string[] }
  | { readonly kind: 'crashed' };

/** A clone in which a person would do by hand what wt does; its HEAD is on no branch. */
export type Clone = {
  readonly path: string;
  /** Goes to a commit, whatever is there. */
  readonly at: (commit: string) => void;
  /** `git merge`; what conflicts is taken back. */
  readonly merge: (commit: string, ...options: readonly string[]) => Merged;
  /** `git merge` that stops before the commit, and leaves conflicts where they are. */
  readonly begin: (commit: string) => void;
  /** A file as it is in the work tree, one character per byte. */
  readonly read: (path: string) => string;
  /** `git merge --squash`, and a commit of what that leaves. */
  readonly squash: (commit: string) => Merged;
  /** `git rebase` of a commit on where the clone is; of conflicts also the commit that it stopped at. */
  readonly rebase: (commit: string) => Merged & { readonly at?: string };
  /** stdout of a git, without the last newline; throws when it fails. */
  readonly git: (...args: readonly string[]) => string;
};

export function cloneOf({ path, root, env, gitIn }: TestRepo): Clone {
  const clone = join(root, 'clone');
  gitIn(root, 'clone', '-q', '--shared', '--no-checkout', path, clone);
  gitIn(clone, 'config', 'advice.detachedHead', 'false');
  const run = (...args: readonly string[]) => spawnSync('git', args, { cwd: clone, env });
  const git = (...args: readonly string[]) => gitIn(clone, ...args);
  const unmerged = (): readonly string[] => {
    const entries = decodePath(run('ls-files', '--unmerged', '-z').stdout)
      .split('\0')
      .filter(Boolean);
    const paths = entries.map((entry) =>
      entry.replace(/^[^\t]*\t/, '').replace(/~(?:HEAD|[0-9a-f]{7,40}[^/]*)$/, ''),
    );
    return [...new Set(paths)].sort();
  };
  const tidy = () => {
    git('reset', '-q', '--hard');
    git('clean', '-ffdxq');
  };
  const tree = () => git('rev-parse', 'HEAD^{tree}');
  const judged = ({ status, signal, stderr }: ReturnType<typeof run>): Merged => {
    if (signal !== null) {
      tidy();
      return { kind: 'crashed' };
    }
    if (status === 0) return { kind: 'clean', tree: tree() };
    if (status !== 1) throw new Error(`git: ${status} ${stderr}`);
    const paths = unmerged();
    tidy();
    return { kind: 'conflicts', paths };
  };
  return {
    path: clone,
    git,
    at: (commit) => {
      git('checkout', '-q', '--force', '--detach', commit);
      git('clean', '-ffdxq');
    },
    merge: (commit, ...options) => judged(run('merge', '--quiet', '--no-edit', ...options, commit)),
    begin: (commit) => void run('merge', '--quiet', '--no-commit', '--no-ff', commit),
    read: (path) => readFileSync(join(clone, path), 'latin1'),
    squash: (commit) => {
      const merged = judged(run('merge', '--quiet', '--squash', commit));
      if (merged.kind !== 'clean') return merged;
      git('commit', '--quiet', '--allow-empty', '-m', 'squash');
      return { kind: 'clean', tree: tree() };
    },
    rebase: (commit) => {
      const onto = git('rev-parse', 'HEAD');
      git('checkout', '-q', '--detach', commit);
      const ran = run('rebase', '--quiet', onto);
      if (ran.status === 0) return { kind: 'clean', tree: tree() };
      const at = run('rev-parse', '--verify', '--quiet', 'REBASE_HEAD').stdout.toString().trim();
      const paths = unmerged();
      run('rebase', '--abort');
      tidy();
      git('checkout', '-q', '--detach', onto);
      return ran.signal === null ? { kind: 'conflicts', paths, at } : { kind: 'crashed' };
    },
  };
}
