import { constants, copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Writer } from '../../application/ports/registrations.ts';
import { isFailure } from '../../domain/failure.ts';
import { intentMarker } from '../../domain/intent.ts';
import { isSha, type Sha } from '../../domain/object-id.ts';
import type { HubContext } from '../context.ts';
import { fields, line, nothing, type Question } from '../git/ask.ts';
import { mentionedIds } from './mentioned.ts';

const prefix = (id: string) => `refs/wt/trash/${id}/`;

/** A git directory of which everything is to be kept, wherever it is now. */
export type Kept = {
  readonly id: string;
  readonly gitDir: string;
  readonly head: Sha | null;
  /** Ids from elsewhere: the branch's reflog. */
  readonly more: readonly string[];
  /** A folder for the copy of the index. */
  readonly scratch: string;
};

type Git = Pick<HubContext, 'ask' | 'repository'>;

/** Also reads are asked as writes: they serve a way back after Ctrl-C, when reads are refused. */
const asWriter = (writer: Writer) => ({
  access: 'write' as const,
  env: { [intentMarker(writer.id).name]: writer.id },
});

/**
 * Refs for everything that only a worktree's own git directory refers to. Once that is out of `.git/worktrees`,
 * git does not see its HEAD, index and reflog, and `git gc` would drop the objects.
 */
export async function keepRefs(git: Git, kept: Kept, writer: Writer): Promise<void> {
  const [index, mentioned] = await Promise.all([
    indexTrees(git, kept, writer),
    unreachable(git, [...mentionedIds(kept.gitDir), ...kept.more], kept.head, writer),
  ]);
  const refs = [
    ...(kept.head === null ? [] : [['head', kept.head] as const]),
    ...index,
    ...mentioned.map((id, count) => [`kept/${count}`, id] as const),
  ];
  const input = refs.map(([name, id]) => `update ${prefix(kept.id)}${name}\0${id}\0\0`).join('');
  if (input !== '') await updateRefs(git, input, writer);
}

/** Removes the refs of an entry. */
export async function dropRefs(git: Git, id: string, writer: Writer): Promise<void> {
  const refs = await git.ask({
    ...asWriter(writer),
    args: ['for-each-ref', '--format=%(refname)', prefix(id)],
    parse: (reply) => line(reply).split('\n').filter(Boolean),
  });
  if (refs.length > 0) await updateRefs(git, refs.map((ref) => `delete ${ref}\0\0`).join(''), writer);
}

const updateRefs = ({ ask }: Git, input: string, writer: Writer) =>
  ask({
    ...asWriter(writer),
    args: ['update-ref', '--no-deref', '--stdin', '-z'],
    input,
    onChild: writer.child,
    parse: nothing,
  });

const asId = (reply: { readonly stdout: Buffer }): Sha => {
  const id = reply.stdout.toString('utf8').trim();
  if (!isSha(id)) throw new Error('no object id');
  return id;
};

/**
 * The index as a tree; where entries are unmerged and git writes none, and for stages that were resolved, a tree of
 * the blobs. From a copy, since `write-tree` writes what it has computed back to the index.
 */
async function indexTrees(
  { ask, repository }: Git,
  { gitDir, scratch }: Kept,
  writer: Writer,
): Promise<(readonly [string, Sha])[]> {
  if (!existsSync(join(gitDir, 'index'))) return [];
  const copy = join(scratch, 'index');
  const { env, access } = asWriter(writer);
  const within: Pick<Question<Sha>, 'env' | 'access'> = {
    access,
    env: { ...env, GIT_INDEX_FILE: copy, GIT_DIR: gitDir, GIT_COMMON_DIR: repository.commonDir },
  };
  const blobTree = async (args: readonly string[]) => {
    const blobs = await ask({ ...within, args, parse: ({ stdout }) => blobsOf(fields(stdout)) });
    const rows = blobs.map((id) => `100644 blob ${id}\t${id}\0`).join('');
    return ask({ ...within, args: ['mktree', '-z', '--missing'], input: rows, parse: asId });
  };
  try {
    copyFileSync(join(gitDir, 'index'), copy, constants.COPYFILE_FICLONE);
    const resolved = readFileSync(copy).includes('REUC');
    const whole = await ask({ ...within, args: ['write-tree'], parse: asId }).catch((error) => {
      if (!isFailure(error, 'git_failed')) throw error;
      return blobTree(['ls-files', '--stage', '-z']);
    });
    const undone = resolved ? await blobTree(['ls-files', '--resolve-undo', '-z']) : undefined;
    return [['index', whole], ...(undone === undefined ? [] : [['resolved', undone] as const])];
  } catch (error) {
    if (isRefusal(error)) return []; // git cannot read this index: it refers to nothing that could be lost
    throw error;
  } finally {
    for (const file of [copy, `${copy}.lock`]) rmSync(file, { force: true });
  }
}

/** git read what it was asked about and would not have it; not a git that was ended or could not be started. */
const isRefusal = (error: unknown): boolean =>
  isFailure(error, 'git_failed') && error.details.exit_code === 128;

/** Blobs of `ls-files` rows `<mode> <id> <stage>\t<path>`, without the commits of submodules. */
const blobsOf = (rows: readonly string[]): string[] =>
  [...new Set(rows.flatMap((row) => /^(?!160000)\d+ ([0-9a-f]+) /.exec(row)?.[1] ?? []))].sort();

/** Of the ids those that exist and that neither HEAD nor another of them leads to. */
async function unreachable(
  { ask }: Git,
  ids: readonly string[],
  head: Sha | null,
  writer: Writer,
): Promise<Sha[]> {
  const unique = [...new Set(ids)].filter((id) => !/^0+$/.test(id) && id !== head);
  if (unique.length === 0) return [];
  const objects = await ask({
    ...asWriter(writer),
    args: ['cat-file', '--batch-check=%(objecttype) %(objectname)'],
    input: `${unique.join('\n')}\n`,
    parse: ({ stdout }) =>
      stdout
        .toString('latin1')
        .split('\n')
        .map((row) => row.split(' '))
        .flatMap(([type, id = '']) => (isSha(id) ? [{ type, id }] : [])),
  });
  const commits = objects.flatMap(({ type, id }) => (type === 'commit' ? [id] : []));
  const others = objects.flatMap(({ type, id }) => (type === 'commit' ? [] : [id]));
  if (commits.length === 0) return others;
  const ends = await ask({
    ...asWriter(writer),
    args: ['rev-list', '--parents', '--stdin'],
    input: [...commits, ...(head === null ? [] : [`^${head}`]), ''].join('\n'),
    parse: ({ stdout }) => {
      const rows = stdout
        .toString('latin1')
        .split('\n')
        .map((row) => row.split(' '));
      const parents = new Set(rows.flatMap(([, ...its]) => its));
      return rows.flatMap(([id = '']) => (isSha(id) && !parents.has(id) ? [id] : []));
    },
  }).catch((error) => {
    if (isRefusal(error)) return commits; // history is missing behind one of them
    throw error;
  });
  return [...ends, ...others];
}
