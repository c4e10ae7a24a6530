import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { statusArgs } from './questions.ts';

/** What git is asked, and where. */
export type Question = { readonly cwd: string; readonly args: readonly string[] };

export type LaterQuestion = Question & {
  readonly env: Readonly<Record<string, string>>;
  /** stdin; only printable ASCII is taken. */
  readonly input: string | undefined;
  /** Sees the reply as it comes; what is promised is then empty. */
  readonly pieces: ((piece: Buffer) => void) | undefined;
};

/** Replies of gits that a shell runs: stdout of one that ended with 0, `undefined` of one that did not. */
export type Lanes = {
  readonly replies: Map<string, Promise<Buffer | undefined>>;
  /** Puts another question to the same shell; no promise where it takes none just now. */
  readonly put: (question: LaterQuestion) => Promise<Buffer | undefined> | undefined;
  /** Removes a folder with everything in it: whether that was done, no promise where the shell takes nothing now. */
  readonly remove: (folder: string) => Promise<boolean> | undefined;
};

export const keyOf = ({ cwd, args }: Question) => [cwd, ...args].join('\0');

const longestScript = 100_000; // Linux takes no argument longer than 128 KiB

/**
 * One shell that runs lanes of gits side by side, each with an output of its own: starting a process costs node 2 to
 * 4 ms of its only thread, a shell a tenth of that. Each reply is followed by a line with a mark and the exit code.
 * `takesMore`: the shell reads further questions from its stdin.
 */
export function startLanes(
  lanes: readonly (readonly Question[])[],
  env: Record<string, string>,
  takesMore: boolean,
): Lanes | undefined {
  const mark = `wt-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const outputs = lanes.map((_, index) => (index === 0 ? 1 : index + 2));
  const script = [
    `m() { printf '\\n%s %s\\n' ${mark} $?; }`,
    `s() { cd "$1" && git ${statusArgs.map(quoted).join(' ')}; m; }`,
    ...lanes.map((lane, index) => `{\n${lane.map(line).join('\n')}\n:; } >&${outputs[index]} &`),
    takesMore ? '' : 'wait',
  ].join('\n');
  if (script.length > longestScript) return undefined;
  const [, ...others] = outputs;
  const stdin = takesMore ? 'pipe' : 'ignore';
  const stdio = [stdin, 'pipe', 'ignore', ...others.map(() => 'pipe' as const)] as const;
  // A group of its own: what still runs when wt ends is ended as a whole.
  const child = spawn('sh', takesMore ? [] : ['-c', script], { env, stdio: [...stdio], detached: true });
  child.stdin?.on('error', () => {}); // it has ended: so do the replies
  if (takesMore) child.stdin?.write(script);
  process.once('exit', () => endGroup(child));
  const replies = new Map<string, Promise<Buffer | undefined>>();
  const readers = lanes.map((lane, index) => {
    const reader = openReader(child, child.stdio[outputs[index] ?? 1] as Readable | null | undefined, mark);
    for (const question of lane) replies.set(keyOf(question), reader.next());
    return reader;
  });
  const run = (script: string, input = '', pieces?: LaterQuestion['pieces']) => {
    const index = readers.findIndex((reader) => reader.isIdle());
    if (!takesMore || index === -1 || !/^[\n\x20-\x7e]*$/.test(input)) return undefined;
    child.stdin?.write(`{ ${script}; m; } >&${outputs[index]} <<'${mark}' &\n${input}${mark}\n`);
    return readers[index]?.next(pieces);
  };
  return {
    replies,
    put: (question) => run(laterLine(question), question.input, question.pieces),
    remove: (folder) => run(`rm -rf -- ${quoted(folder)}`)?.then((reply) => reply !== undefined),
  };
}

const laterLine = ({ cwd, args, env }: LaterQuestion): string => {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)} `);
  return `cd ${quoted(cwd)} && ${variables.join('')}git ${args.map(quoted).join(' ')}`;
};

const line = ({ cwd, args }: Question): string =>
  args === statusArgs ? `s ${quoted(cwd)}` : `cd ${quoted(cwd)} && git ${args.map(quoted).join(' ')}; m`;

const empty = Buffer.alloc(0);

type Waiting = {
  readonly pieces: ((piece: Buffer) => void) | undefined;
  readonly kept: Buffer[];
  readonly settle: (reply: Buffer | undefined) => void;
};

/** The replies of a lane in their order, each once it is whole; `undefined` for one that does not come. */
function openReader(child: ChildProcess, output: Readable | null | undefined, mark: string) {
  const waiting: Waiting[] = [];
  let isOver = false;
  /** The end of what came, which may be the beginning of a mark. */
  let held: Buffer = empty;
  output?.on('data', (chunk: Buffer) => {
    let received = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let at = markAt(received, mark); at !== undefined; at = markAt(received, mark)) {
      const [begin, end] = at;
      const next = waiting.shift();
      if (next !== undefined) receive(next, received.subarray(0, begin));
      const code = received.toString('latin1', begin + mark.length + 2, end);
      next?.settle(code === '0' ? Buffer.concat(next.kept) : undefined);
      received = received.subarray(end + 1);
    }
    const sure = Math.max(0, received.length - mark.length - 20); // with the code, its line is shorter
    const [next] = waiting;
    if (next !== undefined) receive(next, received.subarray(0, sure));
    held = received.subarray(sure);
  });
  const giveUp = () => {
    isOver = true;
    for (const { settle } of waiting.splice(0)) settle(undefined);
  };
  child.on('error', giveUp);
  child.on('close', giveUp);
  return {
    isIdle: () => waiting.length === 0 && !isOver,
    next: (pieces?: (piece: Buffer) => void) =>
      new Promise<Buffer | undefined>((settle) => {
        waiting.push({ pieces, kept: [], settle });
      }),
  };
}

function receive({ pieces, kept }: Waiting, piece: Buffer): void {
  if (piece.length === 0) return;
  if (pieces === undefined) kept.push(piece);
  else pieces(piece);
}

/** Where the line of a mark begins, with the newline before it, and where it ends. */
function markAt(received: Buffer, mark: string): readonly [begin: number, end: number] | undefined {
  const begin = received.indexOf(`\n${mark} `);
  const end = begin === -1 ? -1 : received.indexOf('\n', begin + 1);
  return end === -1 ? undefined : [begin, end];
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // it has ended by itself
  }
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
