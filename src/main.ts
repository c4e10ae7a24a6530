/** The composition root: the one file that sees every ring. */
import { fileURLToPath } from 'node:url';
import type { Ahead } from './adapters/git/ahead.ts';
import type { Ports } from './application/ports.ts';
import type { OpenPorts } from './cli/main.ts';

declare const __WT_VERSION__: string | undefined;
/** What bin/start.js started before it read the bundle. */
declare const __wtAhead: Ahead | undefined;

const version = typeof __WT_VERSION__ === 'string' ? __WT_VERSION__ : '0.0.0-dev';
const argv = process.argv.slice(2);

const [word, runFolder, parent] = argv;
const ahead = typeof __wtAhead === 'undefined' ? undefined : __wtAhead;
if (word === '__supervise' && runFolder !== undefined) void supervise(runFolder);
else if (word === '__expire' && runFolder !== undefined) void expire(runFolder, Number(parent));
else void main();

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

/** And the third: the process that lets expired entries of the trash go, once the command that started it is done. */
async function expire(repository: string, starter: number): Promise<void> {
  const { errandNarrator, standBack } = await import('./adapters/errands.ts');
  await standBack(starter);
  const { tidyTrash } = await import('./application/expiry.ts');
  const narrator = errandNarrator();
  const flags = {
    directory: repository,
    format: 'people',
    quiet: true,
    verbose: false,
    color: false,
  } as const;
  const ports = (await composition())(flags, narrator);
  await tidyTrash(ports, await ports.hub()).catch((error: Error) => narrator.warn(error.message));
  process.exit(0);
}

async function composition(): Promise<OpenPorts> {
  const { openEnvironment } = await import('./adapters/environment.ts');
  const { systemClock: clock } = await import('./adapters/clock.ts');
  const { lazily, once } = await import('./adapters/lazy.ts');
  return (flags, narrator): Omit<Ports, 'commands'> => {
    const environment = openEnvironment(flags.directory, version);
    const { variables, home } = environment;
    const trace = flags.verbose ? (line: string) => narrator.note(line) : undefined;
    const hubOf = async (cwd: string) => {
      const { openHub } = await import('./adapters/hub.ts');
      return openHub({ cwd, variables, home, clock, signal: narrator.signal, trace, ahead });
    };
    const hub = once(() => hubOf(environment.cwd()));
    const config = once(async () => {
      const { loadConfig } = await import('./adapters/config-files.ts');
      const repository = await hub().then(
        (opened) => opened.repository,
        (error: { readonly details?: { readonly refused?: unknown } }) => {
          if (error.details?.refused === true) throw error; // its settings are there, only not to be read
          return undefined;
        },
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
      hub: (directory) => (directory === undefined ? hub() : hubOf(directory)),
      config,
      territory: lazily(() => import('./adapters/territory.ts').then((m) => m.openTerritory(home))),
      texts: lazily(() => import('./adapters/texts.ts').then((m) => m.openTexts(variables))),
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

/** The scripted agent: beside this file in dist/, in its own folder in the sources. */
function agentScript(): string {
  const built = import.meta.url.endsWith('.js');
  return fileURLToPath(new URL(built ? './scripted-agent.js' : './agent/scripted-agent.ts', import.meta.url));
}
