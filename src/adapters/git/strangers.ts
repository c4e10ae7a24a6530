import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Suspicion } from '../../application/ports/registrations.ts';
import type { CreationRecord } from '../../domain/creation-record.ts';
import type { HubContext } from '../context.ts';
import { type Ask, decodePath, fields } from './ask.ts';

/** What in a work tree, and on its branch, is not from its creation. Answered after Ctrl-C and on a full disk too. */
export async function findStrangers(
  context: Pick<HubContext, 'ask' | 'repository'>,
  creation: CreationRecord,
  suspicion: Suspicion,
): Promise<string[]> {
  const { ask } = context;
  const moved = [...(await otherTip(ask, creation)), ...otherHead(creation)];
  if (readdirSync(creation.path).every((name) => name === '.git')) return moved;
  if (suspicion === 'whole') {
    const within = { cwd: creation.path, access: 'write' as const };
    const others = await ask({
      ...within,
      ...othersQuestion,
      args: [...othersQuestion.args, '--exclude-standard'],
    });
    return [...moved, ...others, ...(await ask({ ...within, ...changedQuestion }))];
  }
  const unknown = await otherNames(ask, creation);
  const edited = suspicion === 'left' && unknown.length === 0 ? await otherContents(context, creation) : [];
  return [...moved, ...unknown, ...edited];
}

const othersQuestion = {
  args: ['ls-files', '-z', '--others'],
  parse: ({ stdout }: { readonly stdout: Buffer }) => fields(stdout),
};

/** Files that differ from the index; those that are missing are no loss. */
const changedQuestion = {
  args: ['diff-files', '-z', '--name-status', '--no-renames'],
  parse: ({ stdout }: { readonly stdout: Buffer }) =>
    pairs(fields(stdout)).flatMap(([kind, file]) => (kind === 'D' ? [] : [file])),
};

const pairs = (words: readonly string[]): [string, string][] =>
  words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : []));

async function otherTip(ask: Ask, { branch, start }: CreationRecord): Promise<string[]> {
  const ref = `refs/heads/${branch}`;
  const tip = await ask({
    args: ['for-each-ref', '--format=%(refname) %(objectname)', ref],
    access: 'write',
    parse: ({ stdout }) => new Map(stdout.toString('utf8').split('\n').map(toPair)).get(ref),
  });
  return tip === undefined || tip === start ? [] : [`commits on ${branch}`];
}

const toPair = (row: string): [string, string] => {
  const [name = '', id = ''] = row.split(' ');
  return [name, id];
};

/** Somebody switched branches there. git makes HEAD as zeros and then points it at the branch. */
function otherHead({ git_dir: gitDir, branch }: CreationRecord): string[] {
  if (gitDir === null) return [];
  let head: string;
  try {
    head = readFileSync(join(gitDir, 'HEAD'), 'utf8').trim();
  } catch {
    return [];
  }
  return head === `ref: refs/heads/${branch}` || /^0*$/.test(head) ? [] : [`HEAD at ${head}`];
}

/** Files that the commit does not have. */
async function otherNames(ask: Ask, { path, start }: CreationRecord): Promise<string[]> {
  const known = await ask({
    args: ['ls-tree', '-r', '-z', '--name-only', start],
    access: 'write',
    parse: ({ stdout }) => new Set(fields(stdout)),
  });
  return filesBelow(Buffer.from(path), '').filter((file) => !known.has(file));
}

/** Relative paths of all files, spelled as git's are: names need not be UTF-8. */
function filesBelow(folder: Buffer, prefix: string): string[] {
  return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).flatMap((entry) => {
    // In Node 20 the names of these entries are buffers, whatever their type says.
    const name = entry.name as unknown as Buffer;
    const file = prefix + decodePath(name);
    if (file === '.git') return [];
    return entry.isDirectory()
      ? filesBelow(Buffer.concat([folder, Buffer.from('/'), name]), `${file}/`)
      : [file];
  });
}

/** git may have been killed while it wrote a file, or a few; more than this is somebody's work. */
const mostUnfinished = 16;

/**
 * Files whose content is neither the commit's nor a beginning of it, judged with an index of its own: the
 * worktree's may be missing or half written.
 */
async function otherContents(
  { ask, repository }: Pick<HubContext, 'ask' | 'repository'>,
  { path, start }: CreationRecord,
): Promise<string[]> {
  const cache = join(repository.stateDir, 'cache');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const index = join(cache, `strangers-${process.pid}`);
  const within = ['--git-dir', repository.commonDir, '--work-tree', path];
  const how = { access: 'write' as const, cwd: path, env: { GIT_INDEX_FILE: index } };

  const isBeginning = async (file: string): Promise<boolean> => {
    if (lstatSync(join(path, file), { throwIfNoEntry: false })?.isFile() !== true) return false;
    const written = readFileSync(join(path, file));
    const args = [...within, 'cat-file', '--filters', `${start}:${file}`];
    const whole = await ask({ ...how, args, parse: ({ stdout }) => stdout });
    return written.equals(whole.subarray(0, written.length));
  };

  try {
    await ask({ ...how, args: [...within, 'read-tree', start], parse: () => undefined });
    // Without it every entry counts as changed: read-tree knows nothing of the files.
    const refresh = ['update-index', '-q', '--really-refresh'];
    await ask({ ...how, args: [...within, ...refresh], answers: [0, 1], parse: () => undefined });
    const changed = await ask({ ...how, ...changedQuestion, args: [...within, ...changedQuestion.args] });
    if (changed.length > mostUnfinished) return changed;
    const edited: string[] = [];
    for (const file of changed) if (!(await isBeginning(file))) edited.push(file);
    return edited;
  } finally {
    for (const each of [index, `${index}.lock`]) rmSync(each, { force: true });
  }
}
