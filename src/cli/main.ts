import type { Narrator, Ports } from '../application/ports.ts';
import { failures, isFailure } from '../domain/failure.ts';
import { nearest } from '../domain/near.ts';
import { exitCodeOfAnswer, exitCodeOfError, exitCodeOfSignal } from './exit-codes.ts';
import { openNarrator, tolerateClosedOutput, wantsColor, writeOut } from './narrator.ts';
import { type Format, writeAnswer, writeError } from './output.ts';
import { type GlobalFlags, overview, parseFor } from './program.ts';
import { commandNamed, registry } from './registry.ts';

/** Makes the outside world of one command run. */
export type OpenPorts = (flags: GlobalFlags, narrator: Narrator) => Omit<Ports, 'commands'>;

/** Runs one command line to its end and gives the exit code. */
export async function runCommandLine(
  argv: readonly string[],
  version: string,
  openPorts: OpenPorts,
): Promise<number> {
  tolerateClosedOutput();
  const format = roughFormat(argv);
  const color = wantsColor(undefined, process.stderr);
  const { signal, hangup } = listenToSignals();
  try {
    const { before, word, after } = splitAtCommand(argv);
    if (before.some((flag) => flag === '-V' || flag === '--version')) {
      await writeOut(`wt ${version}\n`);
      return 0;
    }
    if (word === undefined || word === 'help') {
      if (word === undefined && !before.some((flag) => flag === '-h' || flag === '--help')) {
        try {
          if (process.stdout.isTTY === true)
            return await runNamed('status', before, ['--by-need'], openPorts, signal, hangup);
        } catch (error) {
          if (!isFailure(error, 'not_a_repository') || error.details.refused === true) throw error;
        }
        await writeOut(`${await helpText()}\n`);
        return 2;
      }
      const topic = word === 'help' ? after[0] : undefined;
      if (topic !== undefined) return await runNamed(topic, before, ['--help'], openPorts, signal, hangup);
      await writeOut(`${await helpText()}\n`);
      return 0;
    }
    return await runNamed(word, before, after, openPorts, signal, hangup);
  } catch (error) {
    await writeError(error, format, color);
    return signal.aborted ? exitCodeOfSignal(String(signal.reason)) : exitCodeOfError(error);
  }
}

async function runNamed(
  word: string,
  before: readonly string[],
  after: readonly string[],
  openPorts: OpenPorts,
  signal: AbortSignal,
  hangup: Promise<void>,
): Promise<number> {
  const name = commandNamed(word);
  const registration = name === undefined ? undefined : registry[name];
  if (name === undefined || registration === undefined) {
    const names = Object.entries(registry).flatMap(([own, { aliases }]) => [own, ...aliases]);
    throw failures.unknownCommand(word, nearest(word, names));
  }
  const command = await registration.load();
  const parsed = parseFor(name, command, before, after);
  if (parsed.kind === 'help') {
    await writeOut(parsed.text);
    return 0;
  }
  const { flags } = parsed;
  if (flags.format !== 'people' && command.answer === undefined) {
    throw failures.usage(`wt ${name} has no JSON answer`, `wt ${name} without --${flags.format}`);
  }
  const narrator = openNarrator({
    format: flags.format,
    quiet: flags.quiet,
    color: wantsColor(flags.color, process.stderr),
    answerColor: wantsColor(flags.color, process.stdout),
    signal,
    hangup,
  });
  const ports: Ports = {
    ...openPorts(flags, narrator),
    commands: async () => (await allCommands()).map(({ command }) => command),
  };
  const input = command.input.safeParse(parsed.input);
  if (!input.success) {
    const [issue] = input.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw failures.usage(
      `${where === '' ? '' : `${where}: `}${issue?.message ?? 'bad arguments'}`,
      `wt ${name} --help`,
    );
  }
  const answer = await command.run(ports, input.data).finally(() => narrator.live([]));
  await writeAnswer(command, answer, input.data, flags.format, {
    color: narrator.color,
    columns: narrator.tty.columns,
    cwd: safely(() => ports.environment.cwd()) ?? '/',
    home: ports.environment.home,
  });
  if (signal.aborted) return exitCodeOfSignal(String(signal.reason));
  const verdict = command.verdict;
  return (
    command.exitCode?.(answer.items) ??
    exitCodeOfAnswer(answer, verdict === undefined ? undefined : (item) => verdict(item, input.data))
  );
}

const helpText = async (): Promise<string> => overview(await allCommands());

const allCommands = () =>
  Promise.all(
    Object.entries(registry).map(async ([name, { load, aliases }]) => ({
      name,
      aliases,
      command: await load(),
    })),
  );

/** The command is the first word that is neither a flag nor the value of `-C`. */
function splitAtCommand(argv: readonly string[]) {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '-C') index++;
    else if (!word.startsWith('-') || word === '-') {
      return { before: argv.slice(0, index), word, after: argv.slice(index + 1) };
    }
  }
  return { before: argv, word: undefined, after: [] };
}

/** The format for errors that come before argv is understood. */
function roughFormat(argv: readonly string[]): Format {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const own = words.find((word, at) => words[at - 1] === '--output-format' || /^--output-format=/.test(word));
  const named = own?.replace(/^--output-format=/, '');
  if (words.includes('--json') || named === 'json') return 'json';
  return words.includes('--ndjson') || named === 'stream-json' ? 'ndjson' : 'people';
}

function listenToSignals(): { signal: AbortSignal; hangup: Promise<void> } {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodeOfSignal(name));
      controller.abort(name);
    });
  }
  const hangup = new Promise<void>((resolve) => {
    // Not `once`: signal-exit (of proper-lockfile) ends the process when it finds no other listener left.
    process.on('SIGHUP', () => resolve());
  });
  return { signal: controller.signal, hangup };
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
