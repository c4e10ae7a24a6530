/** The composition root: the one file that sees every ring. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { askAhead } from './adapters/git/ahead.ts';
import type { Ports } from './application/ports.ts';
import type { OpenPorts } from './cli/main.ts';

declare const __WT_VERSION__: string | undefined;

const version = typeof __WT_VERSION__ === 'string' ? __WT_VERSION__ : '0.0.0-dev';
const argv = process.argv.slice(2);

const [word, runFolder] = argv;
// Everything else is loaded while git is at work.
const ahead = isPlainLook(argv) ? askAhead(process.env, availableParallelism()) : undefined;
void (word === '__supervise' && runFolder !== undefined ? supervise(runFolder) : main());

async function main(): Promise<void> {
  const { runCommandLine } = await import('./cli/main.ts');
  process.exit(await runCommandLine(argv, version, await composition()));
}

/** The other thing this program is: the detached process that owns the claude of one run. */
async function supervise(folder: string): Promise<void> {
  const { superviseRun } = await import('./adapters/supervisor/supervise.ts');
  await superviseRun(folder);
  process.exit(0);
}

async function composition(): Promise<OpenPorts> {
  const { openEnvironment } = await import('./adapters/environment.ts');
  const { lazily, once } = await import('./adapters/lazy.ts');
  return (flags, narrator): Omit<Ports, 'commands'> => {
    const clock = {
      now: () => new Date(),
      monotonicMs: () => performance.now(),
      uuid: () => crypto.randomUUID(),
    };
    const environment = openEnvironment(flags.directory, version);
    const { variables, home } = environment;
    const trace = flags.verbose ? (line: string) => narrator.note(line) : undefined;
    const hub = once(async () => {
      const { openHub } = await import('./adapters/hub.ts');
      return openHub({
        cwd: environment.cwd(),
        variables,
        home,
        clock,
        signal: narrator.signal,
        trace,
        ahead,
      });
    });
    const config = once(async () => {
      const { loadConfig } = await import('./adapters/config-files.ts');
      const repository = await hub().then(
        (opened) => opened.repository,
        () => undefined,
      );
      return loadConfig({ repository, variables, home });
    });
    return {
      clock,
      environment,
      narrator,
      terminal: lazily(() =>
        import('./adapters/terminal.ts').then((m) => m.openTerminal({ variables, narrator })),
      ),
      hub,
      config,
      demo: async ({ claude }) => {
        const { openDemoStage } = await import('./adapters/demo.ts');
        const self = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
        const agent = claude
          ? (await config()).config.tools.claude
          : [process.execPath, ...process.execArgv, agentScript()];
        return openDemoStage({ variables, home, signal: narrator.signal, self, agent, ownHome: claude });
      },
    };
  };
}

/** Whether the whole repository of the current directory is going to be looked at. */
function isPlainLook(words: readonly string[]): boolean {
  const flags = ['--json', '--ndjson', '-q', '--quiet', '-v', '--verbose', '--no-color', '--by-need'];
  const [command, ...more] = words.filter((each) => !flags.includes(each));
  if (command === undefined) return process.stdout.isTTY === true;
  return more.length === 0 && ['status', 'list', 'ls'].includes(command);
}

/** The scripted agent: beside this file in dist/, in its own folder in the sources. */
function agentScript(): string {
  const built = import.meta.url.endsWith('.js');
  return fileURLToPath(new URL(built ? './scripted-agent.js' : './agent/scripted-agent.ts', import.meta.url));
}
