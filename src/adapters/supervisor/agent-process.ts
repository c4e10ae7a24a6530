import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import type { Exit } from '../../domain/dispatch-verdict.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import { withoutRepository } from '../git/environment.ts';
import { livenessOf, processes } from '../processes.ts';
import { runFiles } from './run-folder.ts';

export type AgentProcess = {
  readonly pid: number;
  readonly isGone: () => boolean;
  /** How it ended, once it has; `undefined` also when only its parent, which has died, could have seen that. */
  readonly exit: () => Exit | undefined;
  readonly gone: Promise<unknown>;
};

/** The environment of everything a run starts: the inherited one, changed as the request says. */
export function runEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  { request, marker }: Pick<DispatchRecord, 'request' | 'marker'>,
): Record<string, string> {
  const env = withoutRepository(inherited);
  for (const name of request.unset) delete env[name];
  return { ...env, ...request.env, [marker.name]: marker.value };
}

/**
 * Starts claude as the leader of a session of its own. All three of its streams are files: the prompt ends by
 * itself, whatever its size, and what claude writes is kept also when the supervisor dies.
 */
export async function startAgent(
  folder: string,
  record: DispatchRecord,
  { args, prompt }: { readonly args: readonly string[]; readonly prompt: string },
): Promise<AgentProcess | { readonly fault: string }> {
  const files = runFiles(folder);
  const cwd = record.dispatch.worktree_path ?? '';
  const { command } = record.request;
  const streams: number[] = [];
  try {
    streams.push(
      openSync(prompt, 'r'),
      openSync(files.stream, 'a', 0o600),
      openSync(files.stderr, 'a', 0o600),
    );
    const env = runEnvironment(process.env, record);
    const child = spawn(command, args, { cwd, env, detached: true, stdio: streams });
    let exit: Exit | undefined;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        exit = { code, signal };
        resolve();
      });
    });
    if (child.pid !== undefined) {
      return { pid: child.pid, isGone: () => exit !== undefined, exit: () => exit, gone };
    }
    const error = await new Promise<Error>((resolve) => child.once('error', resolve));
    return { fault: existsSync(cwd) ? `${command}: ${error.message}` : `its worktree ${cwd} is gone` };
  } catch (error) {
    return { fault: `${command}: ${(error as Error).message}` }; // node throws some errors, such as E2BIG
  } finally {
    for (const stream of streams) closeSync(stream);
  }
}

/** A claude that another supervisor had started, which has died: how it ends nobody will be told. */
export function adoptAgent(claude: ProcessIdentity): AgentProcess {
  let isDead = false;
  const isGone = () => {
    isDead ||= livenessOf(claude) !== 'alive';
    return isDead;
  };
  const gone = new Promise<void>((resolve) => {
    const look = setInterval(
      () => {
        if (!isGone()) return;
        clearInterval(look);
        resolve();
      },
      processes.table.costly ? 2_000 : 100,
    );
  });
  return { pid: claude.pid, isGone: () => isDead, exit: () => undefined, gone };
}
