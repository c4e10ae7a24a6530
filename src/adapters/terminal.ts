import { fstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Ended, Narrator, Terminal } from '../application/ports.ts';
import { failures } from '../domain/failure.ts';
import { withoutRepository } from './git/environment.ts';

export type TerminalOptions = {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly narrator: Pick<Narrator, 'live' | 'signal'>;
};

/** Loading what runs them takes longer than what only reads stdin or a file. */
const subprocesses = () => import('./subprocess.ts');

/** Commands that the user sees or whose output is captured; the children of `exec`, `open`, pager and editor. */
export function openTerminal({ variables, narrator }: TerminalOptions): Terminal {
  const environment = (env: Readonly<Record<string, string | undefined>>) => ({
    ...withoutRepository(variables),
    ...env,
  });

  const inherit: Terminal['inherit'] = async ([file, ...args], { cwd, env }) => {
    narrator.live([]);
    const { execa } = await subprocesses();
    const child = execa(file, args, {
      cwd,
      env: environment(env),
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
    });
    // A Ctrl-C reaches the child itself, as part of the terminal's foreground group; a SIGTERM to wt does not.
    const forward = () => child.kill('SIGTERM');
    process.once('SIGTERM', forward);
    const ended = await child;
    process.removeListener('SIGTERM', forward);
    if (ended.exitCode === undefined && ended.signal === undefined)
      throw failures.commandFailed(file, ended.shortMessage ?? 'could not be started');
    return { exitCode: ended.exitCode ?? null, signal: ended.signal ?? null };
  };

  return {
    inherit,
    capture: async ([file, ...args], { cwd, env, input }) => {
      const { execa } = await subprocesses();
      const ended = await execa(file, args, {
        cwd,
        env: environment(env),
        extendEnv: false,
        reject: false,
        stripFinalNewline: false,
        cancelSignal: narrator.signal,
        ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      });
      if (ended.exitCode === undefined && ended.signal === undefined)
        throw failures.commandFailed(file, ended.shortMessage ?? 'could not be started');
      const how: Ended = { exitCode: ended.exitCode ?? null, signal: ended.signal ?? null };
      return { ...how, stdout: ended.stdout, stderr: ended.stderr };
    },
    readStdin: async () => {
      const stats = fstatSync(0);
      if (!stats.isFile() && !stats.isFIFO() && !stats.isSocket()) return undefined;
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    confirm: async (question) => {
      const { createInterface } = await import('node:readline/promises');
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^\s*y(?:es)?\s*$/i.test(await lines.question(question, { signal: narrator.signal }));
      } catch {
        return false; // Ctrl-C or Ctrl-D
      } finally {
        lines.close();
      }
    },
    edit: async (template, command) => {
      const folder = await mkdtemp(join(tmpdir(), 'wt-edit-'));
      const file = join(folder, 'PROMPT.md');
      try {
        await writeFile(file, template);
        const { exitCode } = await inherit(['sh', '-c', `${command} "$@"`, command, file], {
          cwd: folder,
          env: {},
        });
        if (exitCode !== 0) throw failures.commandFailed(command, `the editor ended with ${exitCode}`);
        const text = readFileSync(file, 'utf8');
        return text.trim() === '' || text === template ? undefined : text;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    readFile: async (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failures.fileNotFound(path);
        throw failures.usage(`${path} cannot be read: ${(error as Error).message}`);
      }
    },
    writeFile: (path, text) => writeFile(path, text),
    which: async (name) => {
      const candidates = name.includes('/')
        ? [name]
        : (variables.PATH ?? '')
            .split(delimiter)
            .filter(Boolean)
            .map((folder) => join(folder, name));
      return candidates.find((candidate) => {
        try {
          const stats = statSync(realpathSync(candidate));
          return stats.isFile() && (stats.mode & 0o111) !== 0;
        } catch {
          return false;
        }
      });
    },
  };
}
