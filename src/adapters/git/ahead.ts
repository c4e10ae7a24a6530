import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gitEnvironment } from './environment.ts';
import {
  basePrefixes,
  discoverArgs,
  historyArgs,
  listArgs,
  refsArgs,
  settingsArgs,
  statusArgs,
} from './questions.ts';
import { keyOf, type Lanes, type Question, startLanes } from './shell-lanes.ts';

/** Replies of git to questions that were put before they were asked; each is given once. */
export type Ahead = Pick<Lanes, 'put' | 'remove'> & {
  /** stdout of a git that ended with 0, `undefined` when it did not; no promise where the question was not put. */
  readonly reply: (cwd: string, args: readonly string[]) => Promise<Buffer | undefined> | undefined;
};

/** What is started before the bundle is read, and whether the small one will do: `undefined` for every other command line. */
export function aheadOf(argv: readonly string[]): (Ahead & { readonly isQuick: boolean }) | undefined {
  const look = plainLook(argv);
  const ahead = look === undefined ? undefined : askAhead(process.env, availableParallelism(), look);
  return ahead === undefined ? undefined : { ...ahead, isQuick: isQuick(argv) };
}

/** Whether a command line is one that `src/quick.ts` understands. */
function isQuick(argv: readonly string[]): boolean {
  const flags = ['--heads-only', '--json', '--ndjson', '-q', '--quiet', '--no-color'];
  const rest = argv.filter((word) => !flags.includes(word));
  const is = (word: string) => argv.includes(word);
  return rest.join(' ') === 'conflicts' && is('--heads-only') && !(is('--json') && is('--ndjson'));
}

/** What of a repository a command is going to look at. */
export type Look = {
  /** Whether what is not committed matters. */
  readonly statuses: boolean;
  /** Whether branches are going to be merged in memory. */
  readonly settings: boolean;
};

/** Whether the whole repository of the current directory is going to be looked at. */
function plainLook(argv: readonly string[]): Look | undefined {
  const flags = ['--json', '--ndjson', '-q', '--quiet', '-v', '--verbose', '--no-color', '--by-need'];
  const [command, ...more] = argv.filter((word) => !flags.includes(word));
  if (command === 'conflicts' && more.every((word) => word === '--heads-only'))
    return { statuses: more.length === 0, settings: true };
  if (command === undefined ? process.stdout.isTTY !== true : more.length > 0) return undefined;
  return command === undefined || ['status', 'list', 'ls'].includes(command)
    ? { statuses: true, settings: false }
    : undefined;
}

const mostWorktrees = 400;

/**
 * Starts what `status` and `list` are going to ask of git while node is still loading them: the statuses keep every
 * processor busy from the first millisecond. What it guesses about the repository decides nothing: a reply counts
 * only for the question that is asked later, word for word. `undefined` where it is not sure to be of use.
 */
export function askAhead(
  variables: Readonly<Record<string, string | undefined>>,
  processors: number,
  { statuses, settings }: Look = { statuses: true, settings: false },
): Ahead | undefined {
  const cwd = currentFolder();
  const commonDir = cwd === undefined ? undefined : guessCommonDir(cwd);
  // A recovery that comes first would make what was asked ahead of it wrong.
  if (cwd === undefined || commonDir === undefined || listing(join(commonDir, 'wt', 'intents')).length > 0)
    return undefined;
  const worktrees = statuses ? guessWorktrees(commonDir) : [];
  if (worktrees.length > mostWorktrees) return undefined;
  const isOfHeads = settings && !statuses;
  const repository = [
    { cwd, args: discoverArgs },
    { cwd: commonDir, args: listArgs },
  ];
  const refs = [
    { cwd: commonDir, args: refsArgs(basePrefixes) },
    ...(settings ? [{ cwd: commonDir, args: settingsArgs }] : []),
  ];
  const history = { cwd: commonDir, args: historyArgs };
  const first: Question[][] = isOfHeads ? [repository, [...refs, history]] : [[...repository, ...refs]];
  // More lanes than processors: one that has drawn the large worktrees then does not leave a processor idle.
  const lanes: Question[][] = Array.from({ length: Math.min(2 * processors, 8) }, () => []);
  for (const [index, path] of worktrees.entries()) {
    lanes[index % lanes.length]?.push({ cwd: path, args: statusArgs });
  }
  const started = startLanes(
    [...first, ...lanes.filter((lane) => lane.length > 0)],
    gitEnvironment(variables, 'read'),
    isOfHeads,
  );
  return {
    reply: (place, args) => {
      const key = keyOf({ cwd: place, args });
      const found = started?.replies.get(key);
      started?.replies.delete(key);
      return found;
    },
    put: (question) => started?.put(question),
    remove: (folder) => started?.remove(folder),
  };
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // it was deleted
  }
}

/** The common git directory that git would find from here, by its files. */
function guessCommonDir(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const entry = join(folder, '.git');
    try {
      if (statSync(entry).isDirectory()) return realpathSync(entry);
      const [, gitDir] = /^gitdir: (.+)\n?$/.exec(readFileSync(entry, 'utf8')) ?? [];
      if (gitDir === undefined) return undefined;
      const own = resolve(folder, gitDir);
      return realpathSync(resolve(own, readFileSync(join(own, 'commondir'), 'utf8').trim()));
    } catch {
      if (isBareHub(folder)) return realpathSync(folder);
      if (folder === dirname(folder)) return undefined;
    }
  }
}

const isBareHub = (folder: string): boolean =>
  ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(folder, name)));

function guessWorktrees(commonDir: string): string[] {
  const linked = listing(join(commonDir, 'worktrees')).flatMap((name) => {
    try {
      const gitFile = readFileSync(join(commonDir, 'worktrees', name, 'gitdir'), 'utf8').trimEnd();
      return gitFile.startsWith('/') && gitFile.endsWith('/.git') ? [dirname(gitFile)] : [];
    } catch {
      return [];
    }
  });
  return commonDir.endsWith('/.git') ? [dirname(commonDir), ...linked] : linked;
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
