import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Errands } from '../application/ports/errands.ts';
import type { Narrator } from '../application/ports.ts';
import type { HubContext } from './context.ts';
import { dropLeftovers } from './leftovers.ts';
import { claimLook } from './trash/turns.ts';

/** The word by which wt is started to do an errand. */
export const errandWord = '__expire';

/** `entry` is the script of wt, which also does its errands. */
export function openErrands(
  { repository, clock, variables }: Omit<HubContext, 'ask'>,
  entry = process.argv[1] ?? '',
): Errands {
  return {
    dropLeftovers: async () => dropLeftovers(),
    tidyTrash: async () => {
      if (!claimLook(repository, clock.now())) return;
      try {
        const log = openSync(join(repository.stateDir, 'cache', 'expiry.log'), 'w', 0o600);
        try {
          const place = repository.main ?? repository.commonDir;
          const args = [...process.execArgv, entry, errandWord, place, String(process.pid)];
          const child = spawn(process.execPath, args, {
            cwd: '/',
            env: withoutRun(variables),
            detached: true,
            stdio: ['ignore', 'ignore', log],
          });
          child.on('error', () => {}); // another command starts the next one
          child.unref();
        } finally {
          closeSync(log);
        }
      } catch {
        // nothing that a command should fail for
      }
    },
  };
}

/** What an agent's run marks its children with, so that it can end them: an errand is none of them. */
const withoutRun = (variables: HubContext['variables']): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(variables).filter(([name]) => !/^WT_(?:DISPATCH|NOTIFY|INTENT)/.test(name)),
  );

const limitMs = 10 * 60_000;

/** The narrator of an errand: nobody listens, it is bounded in time, and SIGTERM ends it. */
export function errandNarrator(): Narrator {
  const end = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => end.abort(name));
  setTimeout(() => end.abort('SIGTERM'), limitMs).unref();
  return {
    note: () => {},
    warn: (message) => process.stderr.write(`${message}\n`),
    live: () => {},
    write: async () => {},
    outputClosed: end.signal,
    format: 'people',
    color: false,
    tty: { stdin: false, stdout: false, stderr: false, columns: 80 },
    signal: end.signal,
    hangup: new Promise(() => {}),
  };
}

/** Waits until the command that started this process is done, and stands back behind everything else. */
export async function standBack(parent: number): Promise<void> {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // it may not
  }
  for (let waited = 0; process.ppid === parent && waited < 60_000; waited += 100) await pause(100);
}
