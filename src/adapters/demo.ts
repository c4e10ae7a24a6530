import { mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DemoStage } from '../application/ports/demo.ts';
import { failures } from '../domain/failure.ts';
import { withoutRepository } from './git/environment.ts';
import { endTree, identify, inside } from './processes.ts';
import { execa } from './subprocess.ts';

export type DemoOptions = {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly signal: AbortSignal;
  /** The command line of this very wt. */
  readonly self: readonly string[];
  /** The command line of the agent. */
  readonly agent: readonly string[];
  /** Whether the agent needs the user's own home: claude's account is there. */
  readonly ownHome: boolean;
};

/** A stage of its own: no git or wt configuration of the user's is read there. */
export async function openDemoStage(options: DemoOptions): Promise<DemoStage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wt-demo-')));
  const repository = join(folder, 'jerry');
  const home = join(folder, 'home');
  mkdirSync(repository);
  mkdirSync(home);
  const own = Object.entries(withoutRepository(options.variables)).filter(
    ([name]) => !name.startsWith('WT_'),
  );
  const env: Record<string, string> = {
    ...Object.fromEntries(own),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    XDG_CONFIG_HOME: join(home, '.config'),
    NO_COLOR: '1',
    WT_TOOLS_CLAUDE: JSON.stringify(options.agent),
    ...(options.ownHome ? {} : { HOME: home }),
  };
  delete env.FORCE_COLOR;
  const [node = process.execPath, ...script] = options.self;
  const run = (file: string, args: readonly string[]) =>
    execa(file, args, {
      cwd: repository,
      env,
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      stripFinalNewline: false,
      cancelSignal: options.signal,
    });

  return {
    folder,
    repository,
    wt: async (...args) => {
      const { exitCode, stdout, stderr } = await run(node, [...script, ...args]);
      if (options.signal.aborted) throw failures.interrupted(String(options.signal.reason));
      return { code: exitCode ?? null, stdout, stderr };
    },
    start: async (...args) => {
      const child = execa(node, [...script, ...args], {
        cwd: repository,
        env,
        extendEnv: false,
        stdio: 'ignore',
        reject: false,
      });
      if (child.pid === undefined)
        throw failures.commandFailed('wt', (await child).shortMessage ?? 'did not start');
      return child.pid;
    },
    git: async (...args) => {
      const { exitCode, stdout, stderr } = await run('git', args);
      if (exitCode !== 0) throw failures.commandFailed(`git ${args.join(' ')}`, stderr);
      return stdout.trimEnd();
    },
    write: async (path, text) => {
      mkdirSync(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    read: async (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    kill: (pid) => {
      process.kill(pid, 'SIGKILL');
    },
    isAlive: (pid) => identify(pid) !== undefined,
    until: async (what, look) => {
      for (const end = performance.now() + 30_000; performance.now() < end; ) {
        const value = await look();
        if (value !== undefined) return value;
        if (options.signal.aborted) throw failures.interrupted(String(options.signal.reason));
        await delay(20);
      }
      throw failures.timeout(what, 30);
    },
    close: async (keep) => {
      const left = (await inside(folder)) ?? [];
      await endTree({ roots: left.map(({ identity }) => identity), graceMs: 1000 });
      if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
