import { type ChildProcess, spawn } from 'node:child_process';
import type { ChildBinding, StepCommand, StepEnd } from '../../application/ports/provisioning.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { ProcessIdentity } from '../../domain/process.ts';
import { withoutRepository } from '../git/environment.ts';
import { endTree, identify } from '../processes.ts';

const graceMs = 5_000;
/** How long output is waited for that something in the background may still write. */
const drainMs = 200;
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
const stepMarker = (step: string) => ({ name: 'WT_STEP', value: step });

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

/** Runs a command of a step to its end, whatever that is. */
export async function runStep(
  variables: Readonly<Record<string, string | undefined>>,
  executable: string | undefined,
  { argv, cwd, env, timeoutMs }: StepCommand,
  binding: ChildBinding,
): Promise<StepEnd> {
  if (binding.signal.aborted) return { how: 'interrupted', exitCode: null, output: '' };
  const [file, ...args] = argv;
  const tail = openTail();
  const child = spawn(executable ?? file, args, {
    cwd,
    env: stepEnvironment(variables, { ...env, ...markersOf(binding) }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = endOf(child);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const guard = guardChild(timeoutMs, binding);
  if (identity !== undefined) {
    binding.onChild(identity);
    guard.watch(identity);
  }
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', tail.add);
  const result = await ended;
  const why = await guard.done();
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  if (result instanceof Error) return { how: 'not-started', exitCode: null, output: result.message };
  return { how: why ?? 'exited', exitCode: result, output: tail.text() };
}

/** The exit code (`null` for a signal), once the output is read; the error when the command could not be started. */
const endOf = (child: ChildProcess) =>
  new Promise<number | null | Error>((resolve) => {
    child.on('error', resolve);
    child.on('close', (code) => resolve(code));
    // What was left in the background may hold the pipes open.
    child.on('exit', (code) => setTimeout(() => resolve(code), drainMs).unref());
  });
