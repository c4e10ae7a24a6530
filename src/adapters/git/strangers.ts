import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CreationRecord } from '../../domain/creation-record.ts';
import type { HubContext } from '../context.ts';
import { fields } from './ask.ts';

/** git may have been killed while it wrote a file, or a few; more than this is somebody's work. */
const mostUnfinished = 16;

/**
 * What in a half-made work tree is not from its checkout: commits on the branch, files that the commit does not
 * have, and files whose content is neither the commit's nor a beginning of it. Judged with an index of its own,
 * since the worktree's may be missing or half written.
 */
export async function findStrangers(
  { ask, repository }: Pick<HubContext, 'ask' | 'repository'>,
  { path, branch, start, git_dir: gitDir }: CreationRecord,
  { ignored }: { readonly ignored: boolean },
): Promise<string[]> {
  const cache = join(repository.stateDir, 'cache');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const index = join(cache, `strangers-${process.pid}`);
  const question = {
    // A write, since it must be answered after Ctrl-C too.
    access: 'write' as const,
    cwd: path,
    env: { GIT_INDEX_FILE: index },
  };
  const within = ['--git-dir', repository.commonDir, '--work-tree', path];
  try {
    const tip = await ask({
      args: ['for-each-ref', '--format=%(refname) %(objectname)', `refs/heads/${branch}`],
      access: 'write',
      parse: ({ stdout }) =>
        stdout
          .toString('utf8')
          .split('\n')
          .find((row) => row.startsWith(`refs/heads/${branch} `))
          ?.split(' ')[1],
    });
    const moved = tip !== undefined && tip !== start ? [`commits on ${branch}`] : [];
    const elsewhere = gitDir === null ? [] : otherHead(gitDir, branch);
    if (readdirSync(path).every((name) => name === '.git')) return [...moved, ...elsewhere];

    await ask({ ...question, args: [...within, 'read-tree', start], parse: () => undefined });
    const others = await ask({
      ...question,
      args: [...within, 'ls-files', '-z', '--others', ...(ignored ? [] : ['--exclude-standard'])],
      parse: ({ stdout }) => fields(stdout),
    });
    const changed = await ask({
      ...question,
      args: [...within, 'diff-files', '-z', '--name-status', '--no-renames'],
      parse: ({ stdout }) => pairs(fields(stdout)).flatMap(([kind, file]) => (kind === 'D' ? [] : [file])),
    });
    const edited: string[] = [];
    for (const file of changed) {
      if (changed.length > mostUnfinished || !(await isBeginning(file))) edited.push(file);
    }
    return [...moved, ...elsewhere, ...others, ...edited];
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }

  async function isBeginning(file: string): Promise<boolean> {
    if (lstatSync(join(path, file), { throwIfNoEntry: false })?.isFile() !== true) return false;
    const written = readFileSync(join(path, file));
    const whole = await ask({
      ...question,
      args: [...within, 'cat-file', '--filters', `${start}:${file}`],
      parse: ({ stdout }) => stdout,
    });
    return written.equals(whole.subarray(0, written.length));
  }
}

const pairs = (words: readonly string[]): [string, string][] =>
  words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : []));

/** Somebody switched branches there. git makes HEAD as zeros and then points it at the branch. */
function otherHead(gitDir: string, branch: string): string[] {
  let head: string;
  try {
    head = readFileSync(join(gitDir, 'HEAD'), 'utf8').trim();
  } catch {
    return [];
  }
  return head === `ref: refs/heads/${branch}` || /^0*$/.test(head) ? [] : [`HEAD at ${head}`];
}
