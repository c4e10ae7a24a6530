import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { BranchName } from '../../domain/branch-name.ts';
import { isFailure } from '../../domain/failure.ts';
import { isSha } from '../../domain/object-id.ts';
import type { Repository } from '../../domain/repository.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { WorktreeFacts } from '../../domain/worktree-facts.ts';
import { listing } from '../listing.ts';
import { type Ask, decodePath } from './ask.ts';
import { listArgs } from './questions.ts';

type Registered = Omit<Worktree, 'gitDir' | 'isMain' | 'facts'> & { readonly bare: boolean };

/** The parser of `worktree list --porcelain -z`: attributes end in NUL, records in a second one. */
export function parseWorktreeList(stdout: Buffer): Registered[] {
  const text = decodePath(stdout);
  const records: Registered[] = [];
  for (const record of text.split('\0\0')) {
    if (record === '') continue;
    const attributes = new Map<string, string>();
    for (const attribute of record.split('\0')) {
      const space = attribute.indexOf(' ');
      attributes.set(
        space === -1 ? attribute : attribute.slice(0, space),
        space === -1 ? '' : attribute.slice(space + 1),
      );
    }
    const path = attributes.get('worktree');
    if (path === undefined) throw new Error(`a record without a path: ${JSON.stringify(record)}`);
    const head = attributes.get('HEAD');
    records.push({
      path,
      bare: attributes.has('bare'),
      head: head !== undefined && isSha(head) && !/^0+$/.test(head) ? head : undefined,
      branch: attributes.get('branch')?.replace(/^refs\/heads\//, '') as BranchName | undefined,
      detached: attributes.has('detached'),
      locked: attributes.get('locked'),
      prunable: attributes.get('prunable'),
    });
  }
  return records;
}

export const listQuestion = {
  args: listArgs,
  parse: ({ stdout }: { readonly stdout: Buffer }) => parseWorktreeList(stdout),
} as const;

/** All worktrees with their git directories and facts, the main one first, then by path: one git process. */
export async function readWorktrees(
  ask: Ask,
  repository: Repository,
  readFacts: (gitDir: string) => WorktreeFacts | undefined,
): Promise<Worktree[]> {
  const records = await ask(listQuestion);
  const gitDirOf = adminFolders(repository.commonDir);
  const worktrees = records.flatMap((record, index): Worktree[] => {
    const { bare, ...registered } = record;
    if (bare) return [];
    if (index === 0) {
      // git names the git folder itself here where the work tree is elsewhere (a submodule, --separate-git-dir)
      const path = repository.main ?? registered.path;
      return [{ ...registered, path, gitDir: repository.commonDir, isMain: true, facts: undefined }];
    }
    const gitDir = gitDirOf(registered.path);
    return [{ ...registered, gitDir, isMain: false, ...factsOrFailure(gitDir, readFacts) }];
  });
  const order = (worktree: Worktree) => (worktree.isMain ? '' : worktree.path);
  return worktrees.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
}

function factsOrFailure(
  gitDir: string | undefined,
  readFacts: (gitDir: string) => WorktreeFacts | undefined,
): Pick<Worktree, 'facts' | 'unreadable'> {
  if (gitDir === undefined) return { facts: undefined };
  try {
    return { facts: readFacts(gitDir) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { facts: undefined, unreadable: error };
  }
}

/** Finds the folder in `.git/worktrees` of a registered path, by the `gitdir` files that git keeps there. */
function adminFolders(commonDir: string): (path: string) => string | undefined {
  const written = new Map<string, string>();
  for (const { name } of listing(join(commonDir, 'worktrees'))) {
    const folder = `${commonDir}/worktrees/${name}`;
    try {
      const gitFile = decodePath(readFileSync(`${folder}/gitdir`)).replace(/\n$/, '');
      written.set(dirname(resolve(folder, gitFile)), folder);
    } catch {
      // being created or removed right now
    }
  }
  let real: Map<string, string> | undefined;
  return (path) => {
    const found = written.get(path);
    if (found !== undefined) return found;
    real ??= new Map([...written].flatMap(([place, folder]) => realPath(place).map((own) => [own, folder])));
    return real.get(path);
  };
}

function realPath(path: string): string[] {
  try {
    return [realpathSync.native(path)];
  } catch {
    return []; // it is gone: the path as written is enough
  }
}
