import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ChildBinding, StepCommand, StepEnd } from '../../application/ports/provisioning.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import { withoutRepository } from '../git/environment.ts';
import { endTree, identify } from '../processes.ts';

const graceMs = 5_000;
/** How long output is waited for that something in the background may still write. */
const drainMs = 200;
const mostDrains = 10;
const keptBytes = 64 * 1024;

// What an npm that runs wt exports to its scripts: as flags of the npm below they would change what it installs.
const outerNpm =
  /^npm_(?:config_(?:global|location|prefix|local_prefix|global_prefix|omit|include|only|production|dev|package_lock|package_lock_only|save.*|dry_run|ignore_scripts|workspaces?|include_workspace_root|if_present|install_strategy|install_links)|package_.*|lifecycle_.*|command|execpath|node_execpath)$/i;

/** The environment of a step: the user's own, without what points git or npm at something else, and never asking. */
export function stepEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const isScript = variables.npm_command !== undefined || variables.npm_lifecycle_event !== undefined;
  const env = Object.fromEntries(
    Object.entries(withoutRepository(variables)).filter(([name]) => !isScript || !outerNpm.test(name)),
  );
  env.GIT_TERMINAL_PROMPT = '0';
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** What everything that one step starts carries, also what left its process group; several steps run at once. */
export const stepMarker = (step: string) => ({ name: 'WT_STEP', value: step });

/** The variables by which recovery and a timeout find what a step left. */
export const markersOf = ({ marker, step }: Pick<ChildBinding, 'marker' | 'step'>) => ({
  [marker.name]: marker.value,
  [stepMarker(step).name]: step,
});

/** Keeps the end of what is written to it. */
function openTail() {
  let text = '';
  return {
    add: (chunk: string) => {
      text += chunk;
      if (text.length > keptBytes * 2) text = text.slice(-keptBytes);
    },
    text: () => plain(text),
  };
}

/** Lines as a terminal would leave them: no colours, of a line that was rewritten the last form, no blank lines. */
export const plain = (text: string): string =>
  plainText(text.replaceAll('\r\n', '\n').replaceAll(/[^\n]*\r(?!\n)/g, ''))
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');

/**
 * Ends a child and everything it started when time is over or the user interrupts; `why` says which it was. `done`
 * resolves when nothing is left of it.
 */
export function guardChild(timeoutMs: number, { signal, step }: Pick<ChildBinding, 'signal' | 'step'>) {
  let why: 'timeout' | 'interrupted' | undefined;
  let root: ProcessIdentity | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  const end = (reason: 'timeout' | 'interrupted') => {
    if (why !== undefined) return;
    why = reason;
    ending = endTree({ roots: root === undefined ? [] : [root], marker: stepMarker(step), graceMs });
  };
  const interrupt = () => end('interrupted');
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  signal.addEventListener('abort', interrupt, { once: true });
  return {
    watch: (identity: ProcessIdentity) => {
      root = identity;
      if (signal.aborted) interrupt();
    },
    /** Stops watching; resolves to why it was ended, once that is done. */
    done: async () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      await ending;
      return why;
    },
  };
}

/** How a child ended; `why` says why it could not be started, `root` is its process. */
export type ChildEnd = Pick<StepEnd, 'how' | 'exitCode'> & {
  readonly why: string;
  readonly root: ProcessIdentity | undefined;
};

/** Runs a command of a step to its end, whatever that is. */
export async function runStep(
  variables: Readonly<Record<string, string | undefined>>,
  executable: string | undefined,
  command: StepCommand,
  binding: ChildBinding,
): Promise<StepEnd> {
  const tail = openTail();
  const listen = (stream: Readable) => stream.setEncoding('utf8').on('data', tail.add);
  const { how, exitCode, why } = await runChild(variables, executable, command, { ...binding, listen });
  return { how, exitCode, output: how === 'not-started' ? why : tail.text() };
}

/** Runs a command to its end, whatever that is; `listen` gets its stdout and its stderr. */
export async function runChild(
  variables: Readonly<Record<string, string | undefined>>,
  executable: string | undefined,
  { argv, cwd, env, timeoutMs }: StepCommand,
  { listen, ...binding }: ChildBinding & { readonly listen: (stream: Readable) => void },
): Promise<ChildEnd> {
  if (binding.signal.aborted) return { how: 'interrupted', exitCode: null, why: '', root: undefined };
  const [file, ...args] = argv;
  const child = spawn(executable ?? file, args, {
    cwd,
    env: stepEnvironment(variables, { ...env, ...markersOf(binding) }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = endOf(child);
  const root = child.pid === undefined ? undefined : identify(child.pid);
  const guard = guardChild(timeoutMs, binding);
  if (root !== undefined) {
    binding.onChild(root);
    guard.watch(root);
  }
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) listen(stream);
  const result = await ended;
  const why = await guard.done();
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  if (result instanceof Error) return { how: 'not-started', exitCode: null, why: result.message, root };
  return { how: why ?? 'exited', exitCode: result, why: '', root };
}

/** The exit code (`null` for a signal), once the output is read; the error when the command could not be started. */
const endOf = (child: ChildProcess) =>
  new Promise<number | null | Error>((resolve) => {
    child.on('error', resolve);
    child.on('close', (code) => resolve(code));
    // What was left in the background may hold the pipes open: it is read until it has been silent for a moment.
    child.on('exit', (code) => {
      const read = () =>
        [child.stdout, child.stderr].map((pipe) => (pipe as Socket | null)?.bytesRead).join();
      const drain = (seen: string, rounds: number) =>
        setTimeout(() => {
          // A busy loop comes to its timers before it reads.
          setImmediate(() =>
            setImmediate(() => {
              const now = read();
              if (now === seen || rounds === 0) resolve(code);
              else drain(now, rounds - 1);
            }),
          );
        }, drainMs);
      drain(read(), mostDrains);
    });
  });
