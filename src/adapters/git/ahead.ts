import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gitEnvironment } from './environment.ts';
import { basePrefixes, discoverArgs, listArgs, refsArgs, statusArgs } from './questions.ts';

/** Replies of git to questions that were put before they were asked; each is given once. */
export type Ahead = {
  /** stdout of a git that ended with 0, `undefined` when it did not; no promise where the question was not put. */
  readonly reply: (cwd: string, args: readonly string[]) => Promise<Buffer | undefined> | undefined;
};

type Question = { readonly cwd: string; readonly args: readonly string[] };

const mostWorktrees = 400;

/**
 * Starts what `status` and `list` are going to ask of git while node is still loading them: the statuses keep every
 * processor busy from the first millisecond. What it guesses about the repository decides nothing: a reply counts
 * only for the question that is asked later, word for word. `undefined` where it is not sure to be of use.
 */
export function askAhead(
  variables: Readonly<Record<string, string | undefined>>,
  processors: number,
): Ahead | undefined {
  const cwd = currentFolder();
  const commonDir = cwd === undefined ? undefined : guessCommonDir(cwd);
  // A recovery that comes first would make what was asked ahead of it wrong.
  if (cwd === undefined || commonDir === undefined || listing(join(commonDir, 'wt', 'intents')).length > 0)
    return undefined;
  const worktrees = guessWorktrees(commonDir);
  if (worktrees.length > mostWorktrees) return undefined;
  const first: Question[] = [
    { cwd, args: discoverArgs },
    { cwd: commonDir, args: listArgs },
    { cwd: commonDir, args: refsArgs(basePrefixes) },
  ];
  const lanes: Question[][] = Array.from({ length: Math.min(Math.max(processors, 2), 8) }, () => []);
  for (const [index, path] of worktrees.entries()) {
    lanes[index % lanes.length]?.push({ cwd: path, args: statusArgs });
  }
  const replies = new Map<string, Promise<Buffer | undefined>>();
  const env = gitEnvironment(variables, 'read');
  for (const lane of [first, ...lanes]) if (lane.length > 0) startLane(lane, env, replies);
  return {
    reply: (place, args) => {
      const key = keyOf({ cwd: place, args });
      const found = replies.get(key);
      replies.delete(key);
      return found;
    },
  };
}

const keyOf = ({ cwd, args }: Question) => [cwd, ...args].join('\0');

/**
 * One shell that runs git after git: starting a process costs node 2 to 4 ms of its only thread, a shell a tenth of
 * that. Each reply is followed by a line with a mark and git's exit code.
 */
function startLane(
  lane: readonly Question[],
  env: Record<string, string>,
  replies: Map<string, Promise<Buffer | undefined>>,
): void {
  const mark = `wt-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const script = lane.map(({ cwd, args }) => `cd ${quoted(cwd)} && git ${args.map(quoted).join(' ')}; m`);
  const child = spawn('sh', ['-c', [`m() { printf '\\n%s %s\\n' ${mark} $?; }`, ...script].join('\n')], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const waiting = lane.map((question) => {
    let settle: (reply: Buffer | undefined) => void = () => {};
    const reply = new Promise<Buffer | undefined>((resolve) => {
      settle = resolve;
    });
    replies.set(keyOf(question), reply);
    return (stdout: Buffer | undefined) => settle(stdout);
  });
  let received: Buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (;;) {
      const at = received.indexOf(`\n${mark} `);
      const end = at === -1 ? -1 : received.indexOf('\n', at + 1);
      if (end === -1) return;
      const code = received.toString('latin1', at + mark.length + 2, end);
      waiting.shift()?.(code === '0' ? received.subarray(0, at) : undefined);
      received = received.subarray(end + 1);
    }
  });
  const giveUp = () => {
    for (const settle of waiting.splice(0)) settle(undefined);
  };
  child.on('error', giveUp);
  child.on('close', giveUp);
  process.once('exit', () => child.kill());
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

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
      if (folder === dirname(folder)) return undefined;
    }
  }
}

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
