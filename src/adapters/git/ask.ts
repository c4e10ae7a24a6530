import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { OnChild } from '../../application/ports/git.ts';
import { Failure, failures } from '../../domain/failure.ts';
import { identify } from '../processes.ts';
import type { Ahead } from './ahead.ts';
import { gitEnvironment, inFoundRepository } from './environment.ts';

/** A git process's reply; `stdout` as bytes, since paths need not be UTF-8. */
export type Reply = { readonly stdout: Buffer; readonly stderr: string; readonly exitCode: number };

/**
 * One question to git: its arguments, the exit codes that count as answers (0 when left out; -1 is an end by a
 * signal) and the parser of what those arguments print. Another exit code, or a reply that does not parse, is a `git_failed`.
 */
export type Question<T> = {
  readonly args: readonly string[];
  readonly answers?: readonly number[];
  readonly parse: (reply: Reply) => T;
  /** Where git runs; the common git directory when left out. */
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the child before it can have done anything: writers are recorded in an intent. */
  readonly onChild?: OnChild;
  readonly access?: 'read' | 'write';
  readonly signal?: AbortSignal;
  /** Sees stdout as it comes instead of `parse`; once it gives `true` git is ended, and what came is the answer. */
  readonly take?: (piece: Buffer) => boolean;
  /** Gives what sees stdout as it comes, anew each time that git is asked; `parse` then gets nothing of it. */
  readonly pieces?: () => (piece: Buffer) => void;
  /** Only of use where it has been put before wt was loaded: else nothing is asked, and the exit code is -1. */
  readonly isEarly?: true;
};

export type Ask = <T>(question: Question<T>) => Promise<T>;

export type AskOptions = {
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly git?: string;
  /** git has found the repository: it may work in its common directory, whatever `safe.bareRepository` says. */
  readonly isFound?: boolean;
  /** Told of every git command line that starts (`-v`). */
  readonly trace?: ((line: string) => void) | undefined;
  /** Ends a read in progress; a writer runs to its end. */
  readonly signal?: AbortSignal | undefined;
  /** Replies to questions that were put before; each counts once, for a plain read. */
  readonly ahead?: Ahead | undefined;
};

/**
 * Starts git through node itself: execa doubles what a spawn costs (measured on Node 20: 5 ms instead of 2.5),
 * and a status starts one per worktree. A writer is the leader of its own process group, so that a Ctrl-C in
 * the terminal reaches wt, which then decides, and not git in the middle of a write.
 */
export function openAsk(options: AskOptions): Ask {
  return async <T>(question: Question<T>): Promise<T> => {
    const { cwd = options.cwd, args } = question;
    const reply = replyOfShell(options, question, cwd);
    const stdout = reply === undefined ? undefined : await orAborted(reply, options.signal);
    if (stdout === undefined && question.isEarly === true) return question.parse(noReply);
    if (stdout === undefined) return start(options, question);
    options.trace?.(`${cwd}$ git ${args.join(' ')}`);
    try {
      return question.parse({ stdout, stderr: '', exitCode: 0 });
    } catch {
      return start(options, question); // it says what is wrong with the reply
    }
  };
}

const noReply: Reply = { stdout: Buffer.alloc(0), stderr: '', exitCode: -1 };

/** From the shell that was started ahead: the reply to a question that it was given then, or to one that it takes now. */
function replyOfShell<T>(
  { ahead, isFound }: AskOptions,
  { args, access, env, input, pieces, take, onChild, signal, isEarly }: Question<T>,
  cwd: string,
): Promise<Buffer | undefined> | undefined {
  if (ahead === undefined || access === 'write') return undefined;
  if (take !== undefined || onChild !== undefined || signal !== undefined) return undefined;
  const early = env === undefined && input === undefined ? ahead.reply(cwd, args) : undefined;
  if (early !== undefined || isEarly === true || input instanceof Uint8Array) return early;
  const variables = { ...(isFound === true ? inFoundRepository : {}), ...env };
  return ahead.put({ cwd, args, env: variables, input, pieces: pieces?.() });
}

function orAborted<T>(reply: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return reply;
  return new Promise((resolve, reject) => {
    const abort = () => reject(failures.interrupted(String(signal.reason)));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    reply.then((value) => {
      signal.removeEventListener('abort', abort);
      resolve(value);
    }, reject);
  });
}

function start<T>(options: AskOptions, question: Question<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const { args, access = 'read' } = question;
    const cwd = question.cwd ?? options.cwd;
    const git = options.git ?? 'git';
    const signal = question.signal ?? (access === 'read' ? options.signal : undefined);
    const command = [git, ...args].join(' ');
    options.trace?.(`${cwd}$ ${command}`);
    const place = placeOf(cwd, [git, ...args]);
    const child = spawn(place.file, place.args, {
      cwd: place.cwd,
      env: gitEnvironment(options.variables, access, {
        ...(options.isFound === true ? inFoundRepository : {}),
        ...question.env,
      }),
      stdio: [question.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: access === 'write',
      ...(signal === undefined ? {} : { signal }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let isEnough = false;
    const pieces = question.pieces?.();
    child.stdout?.on('data', (chunk: Buffer) => {
      if (pieces !== undefined) pieces(chunk);
      else if (question.take === undefined) out.push(chunk);
      else if (!isEnough && question.take(chunk)) {
        isEnough = true;
        child.stdout?.destroy();
        child.kill();
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    if (question.onChild !== undefined && child.pid !== undefined) {
      const identity = identify(child.pid);
      if (identity !== undefined) question.onChild(identity);
    }
    if (question.input !== undefined) {
      child.stdin?.on('error', () => {}); // git may answer before it has read everything
      child.stdin?.end(question.input);
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError') reject(failures.interrupted(String(signal?.reason ?? 'SIGINT')));
      else if (error.code === 'ENOENT' && existsSync(cwd)) reject(failures.gitMissing());
      else
        reject(
          failures.gitFailed({ command, cwd, exit_code: null, stderr: error.message }, { cause: error }),
        );
    });
    child.on('close', (code, killedBy) => {
      const reply = {
        stdout: Buffer.concat(out),
        stderr: Buffer.concat(err).toString('utf8'),
        exitCode: code ?? -1,
      };
      const failed = (stderr: string, cause?: unknown) =>
        failures.gitFailed({ command, cwd, exit_code: code, stderr }, { cause });
      if (!isEnough && !(question.answers ?? [0]).includes(reply.exitCode)) {
        reject(failed(killedBy === null ? reply.stderr : `ended by ${killedBy}. ${reply.stderr}`));
        return;
      }
      try {
        resolve(question.parse(reply));
      } catch (error) {
        reject(error instanceof Failure ? error : failed(`unexpected output: ${String(error)}`, error));
      }
    });
  });
}

/** Node enters no directory whose name is not UTF-8, which `decodePath` made readable: a shell does. */
function placeOf(cwd: string, [file, ...args]: readonly [string, ...string[]]) {
  if (!/\\x[0-9A-F]{2}/.test(cwd) || existsSync(cwd)) return { cwd, file, args };
  const octal = cwd.replace(/\\x([0-9A-F]{2})|\\/g, (_, byte?: string) =>
    byte === undefined ? '\\\\' : `\\0${Number.parseInt(byte, 16).toString(8)}`,
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const script = 'd=$(printf %bx "$0") && cd -- "${d%x}" && exec "$@"';
  return { cwd: '/', file: 'sh', args: ['-c', script, octal, file, ...args] };
}

/** Text of a NUL-separated reply's fields, without the empty one after the last NUL. */
export function fields(stdout: Buffer): string[] {
  const text = decodePath(stdout);
  if (text === '') return [];
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as text; those that are not UTF-8 are given as `\xNN`. */
export function decodePath(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    let text = '';
    for (let i = 0; i < bytes.length; ) {
      const width = sequenceWidth(bytes, i);
      if (width === 0) text += `\\x${(bytes[i] ?? 0).toString(16).padStart(2, '0').toUpperCase()}`;
      else text += bytes.toString('utf8', i, i + width);
      i += Math.max(width, 1);
    }
    return text;
  }
}

/** A path of one character per byte, made readable. */
export const readablePath = (raw: string): string => decodePath(Buffer.from(raw, 'latin1'));

// The length of the valid UTF-8 sequence that begins at `at`, or 0.
function sequenceWidth(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (width < 2) return width;
  try {
    utf8.decode(bytes.subarray(at, at + width));
    return at + width <= bytes.length ? width : 0;
  } catch {
    return 0;
  }
}

/** A reply that is one line of text. */
export const line = ({ stdout }: Reply): string => decodePath(stdout).replace(/\n$/, '');

/** The parser of a command whose output does not matter. */
export const nothing = (): undefined => undefined;
