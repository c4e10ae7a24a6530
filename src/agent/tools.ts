import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, unlinkSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What a tool gave back; `error` is undefined where claude says nothing about it. */
export type ToolOutput = { readonly content: string; readonly error: boolean | undefined };

/** A shell command that was started: its pid is its session and its process group too. */
export type ShellRun = { readonly pid: number | undefined; readonly ended: Promise<ToolOutput> };

/**
 * Starts a command as claude's Bash tool does: a session of its own, the whole environment, no stdin, and a file
 * for its output, so that what it leaves running keeps nobody waiting.
 */
export function startShell(command: string, session: string): ShellRun {
  const path = join(tmpdir(), `scripted-agent-${randomUUID()}`);
  const output = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  const child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: ['ignore', output, output],
    env: {
      ...process.env,
      CLAUDECODE: '1',
      CLAUDE_CODE_ENTRYPOINT: 'sdk-cli',
      CLAUDE_CODE_SESSION_ID: session,
      GIT_EDITOR: 'true',
    },
  });
  const ended = new Promise<ToolOutput>((done) => {
    child.on('error', (error) => done({ content: `Error: ${error.message}`, error: true }));
    child.on('exit', (code, signal) => {
      const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      const text = textOf(output).trimEnd();
      done(
        status === 0
          ? { content: text === '' ? '(Bash completed with no output)' : text, error: false }
          : { content: `Exit code ${status}\n${text}`.trimEnd(), error: true },
      );
    });
  });
  return { pid: child.pid, ended: ended.finally(() => closeSync(output)) };
}

const longestOutput = 30_000;

function textOf(file: number): string {
  const buffer = Buffer.alloc(Math.min(fstatSync(file).size, longestOutput));
  return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
}

/** The Write tool. */
export function writeText(path: string, text: string): ToolOutput {
  const file = resolve(path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return { content: `File created successfully at: ${path}`, error: undefined };
  } catch (error) {
    return { content: error instanceof Error ? error.message : String(error), error: true };
  }
}

/** A word for /bin/sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
