import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFailure } from '../../domain/failure.ts';
import { isSha, type Sha } from '../../domain/sha.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import type { HubContext } from '../context.ts';
import { fields, line, nothing } from '../git/ask.ts';

const prefix = (id: string) => `refs/wt/trash/${id}/`;

/**
 * Refs for everything that only a worktree's own git directory refers to. Once that is out of `.git/worktrees`,
 * git does not see its HEAD, index and reflog, and `git gc` would drop the objects.
 */
export async function keepRefs({ ask, repository }: HubContext, entry: TrashEntry): Promise<void> {
  const refs = new Map<string, Sha>();
  if (entry.head !== null) refs.set('head', entry.head);
  const index = await indexTree({ ask }, entry.git_dir);
  if (index !== undefined) refs.set('index', index);
  const mentioned = [
    ...mentionedIds(entry.git_dir),
    ...(entry.branch === null
      ? []
      : idsIn(join(repository.commonDir, 'logs', 'refs', 'heads', entry.branch))),
  ];
  const unreachable = await unreachableCommits({ ask }, mentioned, entry.head);
  for (const [count, id] of unreachable.entries()) refs.set(`kept/${count}`, id);
  const input = [...refs].map(([name, id]) => `update ${prefix(entry.id)}${name}\0${id}\0\0`).join('');
  await ask({ args: ['update-ref', '--stdin', '-z'], access: 'write', input, parse: nothing });
}

/** Removes the refs of an entry. */
export async function dropRefs({ ask }: HubContext, entry: TrashEntry): Promise<void> {
  const refs = await ask({
    args: ['for-each-ref', '--format=%(refname)', prefix(entry.id)],
    parse: (reply) => line(reply).split('\n').filter(Boolean),
  });
  const input = refs.map((ref) => `delete ${ref}\0\0`).join('');
  await ask({ args: ['update-ref', '--stdin', '-z'], access: 'write', input, parse: nothing });
}

/** The index as a tree, from a copy: a tree of all its blobs when entries are unmerged and git writes none. */
async function indexTree({ ask }: Pick<HubContext, 'ask'>, gitDir: string): Promise<Sha | undefined> {
  const index = join(gitDir, 'index');
  if (!existsSync(index)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'wt-index-'));
  try {
    const copy = join(folder, 'index');
    copyFileSync(index, copy);
    const env = { GIT_INDEX_FILE: copy, GIT_DIR: gitDir };
    const asTree = ({ stdout }: { stdout: Buffer }) => {
      const id = stdout.toString('utf8').trim();
      if (!isSha(id)) throw new Error('no tree id');
      return id;
    };
    try {
      return await ask({ args: ['write-tree'], env, access: 'write', parse: asTree });
    } catch (error) {
      if (!isFailure(error, 'git_failed')) throw error;
    }
    const blobs = await ask({
      args: ['ls-files', '--stage', '-z'],
      env,
      parse: ({ stdout }) =>
        fields(stdout).flatMap((row) => /^(?!160000)\d+ ([0-9a-f]+) /.exec(row)?.[1] ?? []),
    });
    const rows = [...new Set(blobs)].sort().map((id) => `100644 blob ${id}\t${id}\0`);
    return await ask({ args: ['mktree', '-z'], access: 'write', input: rows.join(''), parse: asTree });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every object id in the pseudo refs, per-worktree refs, reflogs and operation state of a git directory. */
function mentionedIds(gitDir: string): string[] {
  const named = readdirSync(gitDir, { withFileTypes: true }).flatMap((item) =>
    item.isFile() && /(_HEAD|^HEAD|^AUTO_MERGE)$/.test(item.name) ? [join(gitDir, item.name)] : [],
  );
  const below = ['refs', 'logs', 'rebase-merge', 'rebase-apply', 'sequencer'].flatMap((name) =>
    filesBelow(join(gitDir, name)),
  );
  return [...named, ...below].flatMap(idsIn);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((item) =>
    item.isFile() ? [join(item.parentPath, item.name)] : [],
  );
}

function idsIn(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g) ?? [];
  } catch {
    return []; // no such log
  }
}

/** Those of the ids that exist, and that no branch, tag or remote-tracking branch reaches. */
async function unreachableCommits(
  { ask }: Pick<HubContext, 'ask'>,
  ids: readonly string[],
  head: Sha | null,
): Promise<Sha[]> {
  const unique = [...new Set(ids)].filter((id) => !/^0+$/.test(id) && id !== head);
  if (unique.length === 0) return [];
  const commits = await ask({
    args: ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
    input: `${unique.join('\n')}\n`,
    parse: ({ stdout }) =>
      stdout
        .toString('utf8')
        .split('\n')
        .flatMap((row) => (row.endsWith(' commit') ? [row.split(' ')[0] ?? ''] : [])),
  });
  if (commits.length === 0) return [];
  const wanted = new Set(commits);
  return ask({
    args: ['rev-list', '--stdin'],
    input: [
      ...commits,
      '--not',
      '--branches',
      '--tags',
      '--remotes',
      ...(head === null ? [] : [head]),
      '',
    ].join('\n'),
    parse: (reply) =>
      line(reply)
        .split('\n')
        .filter((id): id is Sha => wanted.has(id) && isSha(id)),
  });
}
