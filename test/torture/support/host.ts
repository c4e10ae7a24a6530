import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEveryTest } from '../../support/after.ts';
import { wtBin } from '../../support/bin.ts';
import { hook } from '../../support/crashes.ts';
import type { TestRepo } from '../../support/repo.ts';

/** How a command ended: with an exit code, or killed; what it did and how long it took where it was not. */
export type Ended = {
  readonly code: number | null;
  readonly stderr: string;
  readonly effects: number;
  readonly ms: number;
};

export type Fate = {
  /** `before:7`: as for effects.cjs. */
  readonly kill?: string | undefined;
  /** Milliseconds after which it is killed. */
  readonly fuse?: number | undefined;
  /** Seconds before the end of a git that it is killed in the middle of. */
  readonly delay?: string;
};

export type Host = {
  readonly run: (args: readonly string[], fate?: Fate) => Promise<Ended>;
  /** Ends its process; the next command starts another one. */
  readonly rest: () => Promise<void>;
};

type Report = {
  readonly code: number;
  readonly effects: number;
  readonly ms: number;
  readonly isLast: boolean;
};

const program = fileURLToPath(new URL('host/wt.js', import.meta.url));
const hosts = new Set<ChildProcess>();
afterEveryTest(() => {
  for (const each of hosts) each.kill('SIGKILL');
});

/** After so many commands a process makes place for another: what node keeps of the bundles slows its forks. */
const most = 40;

/** A process that runs the commands of wt one after the other, until one is killed: the next one runs in another. */
export function openHost({ path, env }: TestRepo): Host {
  let child: ChildProcess | undefined;
  let stderr = '';
  let begun = 0;

  const start = () => {
    const intents = join(path, '.git/wt/intents');
    const started = spawn(process.execPath, [`--require=${hook}`, program, wtBin, intents], {
      cwd: path,
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    hosts.add(started);
    started.stderr?.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    return started;
  };
  const gone = (process: ChildProcess) =>
    new Promise<void>((resolve) => {
      if (process.exitCode !== null || process.signalCode !== null) resolve();
      else process.on('exit', () => resolve());
    }).then(() => hosts.delete(process));

  return {
    run: async (args, { kill, fuse, delay = '0' } = {}) => {
      if (child === undefined) begun = 0;
      child ??= start();
      begun += 1;
      const own = child;
      stderr = '';
      let burning: NodeJS.Timeout | undefined;
      const report = await new Promise<Report | undefined>((resolve) => {
        own.removeAllListeners('message').on('message', (message) => resolve(message as Report));
        own.removeAllListeners('exit').on('exit', () => {
          hosts.delete(own);
          resolve(undefined);
        });
        own.send({ args, kill, delay }, () => {});
        if (fuse !== undefined) burning = setTimeout(() => own.kill('SIGKILL'), fuse);
      });
      clearTimeout(burning);
      if (begun >= most) own.kill('SIGKILL');
      if (report === undefined || report.isLast || own.killed) {
        await gone(own);
        child = undefined;
      }
      if (report !== undefined) return { ...report, stderr };
      return { code: own.exitCode, stderr, effects: 0, ms: 0 };
    },
    rest: async () => {
      if (child === undefined) return;
      child.kill('SIGKILL');
      await gone(child);
      child = undefined;
    },
  };
}
