import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { IncludedFiles } from '../../domain/provisioning/survey.ts';
import { type Ask, decodePath } from '../git/ask.ts';
import { relationOf } from './compare.ts';
import { hashOf } from './tools.ts';

const slash = 0x2f;
const shownNames = 5;

/** The paths of a NUL-separated reply, as bytes. */
export function bytePaths(stdout: Buffer): Buffer[] {
  const paths: Buffer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(0, at);
    const stop = end === -1 ? stdout.length : end;
    paths.push(stdout.subarray(at, stop));
    at = stop + 1;
  }
  return paths;
}

export const joinBytes = (folder: string, path: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), path]);

/** A path with one character per byte, for comparing and splitting. */
const latin = (path: Uint8Array) => Buffer.from(path).toString('latin1');

/** Which rule ignores each of these paths in a work tree, `rule` with its file; those that none ignores are left out. */
export async function ignoreRules(
  ask: Ask,
  worktree: string,
  paths: readonly Uint8Array[],
): Promise<Map<string, { readonly file: string; readonly pattern: string }>> {
  if (paths.length === 0) return new Map();
  const zero = Buffer.from([0]);
  return ask({
    args: ['check-ignore', '-z', '-v', '--stdin'],
    cwd: worktree,
    answers: [0, 1],
    input: Buffer.concat(paths.flatMap((path) => [Buffer.from(path), zero])),
    parse: ({ stdout }) => {
      const fields = bytePaths(stdout);
      const rules = new Map<string, { file: string; pattern: string }>();
      for (let at = 0; at + 3 < fields.length; at += 4) {
        const [file, , pattern, path] = fields.slice(at, at + 4).map(latin);
        if (path === undefined || pattern === undefined || pattern.startsWith('!')) continue;
        rules.set(path, { file: file ?? '', pattern });
      }
      return rules;
    },
  });
}

export type IncludeRequest = {
  readonly main: string | undefined;
  readonly worktree: string;
  readonly includeFile: string;
  /** Work trees that may lie inside the main one. */
  readonly others: readonly string[];
  /** Submodules of the new worktree: what is in them is theirs. */
  readonly submodules: readonly string[];
  /** Also looks at what exists already: its content, and whether it is a copy that was cut short. */
  readonly compare: boolean;
  readonly resume: boolean;
};

/**
 * What the include file brings: files that it matches, that git does not track in the main worktree and that git
 * ignores in the new one. The main worktree's include file counts, as `claude -w` has it; the new tree's own where
 * main has none. git does the matching. Left out are other repositories and worktrees, virtual environments
 * (absolute paths inside), what is in node_modules unless the file names it, and what would be written through a
 * symbolic link.
 */
export async function findIncluded(
  ask: Ask,
  request: IncludeRequest,
): Promise<IncludedFiles | 'no-source' | undefined> {
  const { main, worktree, includeFile } = request;
  const source = [main, worktree].find((top) => top !== undefined && isFile(join(top, includeFile)));
  if (source === undefined) return undefined;
  if (main === undefined) return 'no-source';
  const patterns = read(join(source, includeFile));
  const matched = await ask({
    args: ['ls-files', '-z', '--others', '--ignored', `--exclude-from=${join(source, includeFile)}`],
    cwd: main,
    parse: ({ stdout }) => bytePaths(stdout),
  });
  const nested = request.others
    .filter((other) => other.startsWith(`${main}/`))
    .map((other) => `${latin(Buffer.from(other.slice(main.length + 1)))}/`);
  const wanted = eligible(matched, nested, patterns.includes('node_modules'));

  const place = openPlaces(worktree, request.submodules);
  const refused: { path: string; why: string }[] = [];
  const lacking: Buffer[] = [];
  const differing: string[] = [];
  for (const path of wanted) {
    const there = place(path);
    if (there.kind === 'blocked') refused.push({ path: decodePath(path), why: there.why });
    else if (there.kind === 'free') lacking.push(path);
    else if (request.compare || request.resume) {
      const relation = relationOf(joinBytes(main, path), joinBytes(worktree, path));
      if (relation === 'cut-short' && request.resume) lacking.push(path);
      else if (relation !== 'same') differing.push(decodePath(path));
    }
  }
  const writable = await onlyIgnored(ask, main, worktree, lacking, wanted);
  for (const path of lacking)
    if (!writable.has(path)) refused.push({ path: decodePath(path), why: 'git does not ignore it there' });
  return {
    patterns: hashOf(patterns),
    lacking: [...writable],
    names: [...writable].slice(0, shownNames).map(decodePath),
    refused,
    differing,
  };
}

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // git, which needs it too, says what is wrong
  }
};

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** What may be copied at all, whatever the patterns say. */
function eligible(matched: readonly Buffer[], nested: readonly string[], nodeModules: boolean): Buffer[] {
  const texts = matched.map(latin);
  const environments = texts
    .filter((text) => /(?:^|\/)pyvenv\.cfg$/.test(text))
    .map((text) => text.slice(0, -'pyvenv.cfg'.length));
  return matched.filter((path, index) => {
    const text = texts[index] ?? '';
    if (path.length === 0 || path.at(-1) === slash) return false; // another repository
    const parts = text.split('/');
    if (parts.some((part) => part.toLowerCase() === '.git' || part === '..' || part === '.venv'))
      return false;
    if (!nodeModules && parts.slice(0, -1).includes('node_modules')) return false;
    return ![...nested, ...environments].some((folder) => text.startsWith(folder));
  });
}

/**
 * Those that git ignores in the new worktree: a fresh worktree stays clean. A folder that ignores itself by a
 * .gitignore of its own does so once that file has come along.
 */
async function onlyIgnored(
  ask: Ask,
  main: string,
  worktree: string,
  lacking: readonly Buffer[],
  wanted: readonly Buffer[],
): Promise<Set<Buffer>> {
  const rules = await ignoreRules(ask, worktree, lacking);
  const coming = new Set(
    wanted.map(latin).filter((text) => text.endsWith('/.gitignore') || text === '.gitignore'),
  );
  const open = lacking.filter((path) => !rules.has(latin(path)));
  const inMain = open.length > 0 && coming.size > 0 ? await ignoreRules(ask, main, open) : new Map();
  return new Set(
    lacking.filter((path) => rules.has(latin(path)) || coming.has(inMain.get(latin(path))?.file ?? '')),
  );
}

type Place = { readonly kind: 'free' | 'taken' } | { readonly kind: 'blocked'; readonly why: string };

/** Looks where paths would go in a worktree; each folder is looked at once. */
function openPlaces(worktree: string, submodules: readonly string[]): (path: Buffer) => Place {
  const folders = new Map<string, 'folder' | 'absent' | 'blocked'>([['', 'folder']]);
  for (const submodule of submodules) folders.set(latin(Buffer.from(submodule)), 'blocked');
  const look = (path: Buffer) => lstatSync(joinBytes(worktree, path), { throwIfNoEntry: false });
  const folder = (path: Buffer): 'folder' | 'absent' | 'blocked' => {
    const key = latin(path);
    const known = folders.get(key);
    if (known !== undefined) return known;
    const above = folder(parentOf(path));
    const stats = above === 'folder' ? look(path) : undefined;
    const state =
      above !== 'folder'
        ? above
        : stats === undefined
          ? 'absent'
          : stats.isDirectory()
            ? 'folder'
            : 'blocked';
    folders.set(key, state);
    return state;
  };
  return (path) => {
    const above = folder(parentOf(path));
    if (above === 'blocked')
      return { kind: 'blocked', why: 'its folder is a symbolic link, a file or a submodule there' };
    return { kind: above === 'absent' || look(path) === undefined ? 'free' : 'taken' };
  };
}

/** The folder of a relative path; empty at the top. */
export const parentOf = (path: Buffer): Buffer => path.subarray(0, Math.max(0, path.lastIndexOf(slash)));
