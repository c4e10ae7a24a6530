import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestRepo } from '../../support/repo.ts';

/** The id that git gives the content of a file. */
export const blobOf = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** The files below a folder by their path in it, without git's own; nothing of a folder that is not there. */
export function contentsOf(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (path: string) => {
    for (const { name } of readdirSync(path, { withFileTypes: true })) {
      const each = join(path, name);
      const stats = name === '.git' ? undefined : lstatSync(each, { throwIfNoEntry: false });
      if (stats?.isDirectory()) visit(each);
      else if (stats?.isFile()) found[relative(folder, each)] = blobOf(readFileSync(each));
    }
  };
  if (existsSync(folder)) visit(folder);
  return found;
}

/** Where removed worktrees are. */
export const trashOf = ({ path }: TestRepo): string => join(path, '.git', 'wt', 'trash');

/** Every object that a ref, a work tree or its index, or the trash folder holds. */
export function heldObjects(repo: TestRepo): ReadonlySet<string> {
  const lines = (text: string) => text.split('\n').filter(Boolean);
  const worktrees = lines(repo.git('worktree', 'list', '--porcelain')).flatMap((line) =>
    line.startsWith('worktree ') ? [line.slice('worktree '.length)] : [],
  );
  const staged = worktrees
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      lines(repo.gitIn(path, 'ls-files', '--stage')).map((line) => line.split(' ')[1] ?? ''),
    );
  const big = { cwd: repo.path, env: repo.env, encoding: 'utf8', maxBuffer: 1024 ** 3 } as const;
  const reachable = lines(execFileSync('git', ['rev-list', '--objects', '--all', '--no-object-names'], big));
  // What has left the trash for good is on its way out, whatever is still there.
  const trash = existsSync(trashOf(repo)) ? readdirSync(trashOf(repo)) : [];
  const entries = trash.filter((name) => name.startsWith('trash-')).map((name) => join(trashOf(repo), name));
  const onDisk = [repo.path, join(repo.root, 'jerry-wt'), ...entries].flatMap((folder) =>
    Object.values(contentsOf(folder)),
  );
  return new Set([...reachable, ...staged, ...onDisk]);
}
