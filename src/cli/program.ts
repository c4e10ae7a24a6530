import { Command as Commander, CommanderError, Option } from 'commander';
import type { Command } from '../application/command.ts';
import { failures } from '../domain/failure.ts';

/** The flags that every command takes, before it or after it. */
export type GlobalFlags = {
  readonly directory: string | undefined;
  readonly format: 'people' | 'json' | 'ndjson';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean | undefined;
};

export type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly flags: GlobalFlags; readonly input: Record<string, unknown> };

const globalOptions = () => [
  new Option('-C <dir>', 'work as if started in this directory').argParser((value, earlier) =>
    [earlier, value].filter((part) => part !== undefined).join('\u0000'),
  ),
  new Option('--json', 'one JSON document on stdout'),
  new Option('--ndjson', 'one JSON object per line on stdout'),
  new Option('-q, --quiet', 'no narration on stderr'),
  new Option('-v, --verbose', 'say which git commands run'),
  new Option('--no-color', 'no colours (also NO_COLOR)'),
];

const silent = { writeOut: () => {}, writeErr: () => {} };

/** Reads argv for one command. Throws `usage`; what `--help` would print comes back as text. */
export function parseFor(
  name: string,
  command: Command,
  before: readonly string[],
  after: readonly string[],
): Parsed {
  const split = command.rest === undefined ? -1 : after.indexOf('--');
  const words = split === -1 ? after : after.slice(0, split);
  const rest = split === -1 ? [] : after.slice(split + 1);

  let help = '';
  const sub = new Commander(name).exitOverride().configureOutput({
    ...silent,
    writeOut: (text) => {
      help += text;
    },
  });
  describe(sub, command);
  const program = new Commander('wt')
    .exitOverride()
    .configureOutput(silent)
    .enablePositionalOptions()
    .helpOption(false);
  for (const option of globalOptions()) {
    program.addOption(option);
  }
  program.addCommand(sub);

  let operands: unknown[] = [];
  sub.action((...parts) => {
    operands = parts.slice(0, command.args.length);
  });
  try {
    program.parse([...before, name, ...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'commander.helpDisplayed' || error.code === 'commander.help')
        return { kind: 'help', text: help };
      throw failures.usage(error.message.replace(/^error: /, ''), `wt ${name} --help`);
    }
    throw error;
  }
  const given: Record<string, unknown> = { ...program.opts(), ...sub.opts() };
  const directory = [program.opts().C, sub.opts().C].filter((part) => part !== undefined).join('\u0000');
  const args = Object.fromEntries(command.args.map((spec, index) => [camel(spec.name), operands[index]]));
  return {
    kind: 'run',
    flags: {
      directory: directory === '' ? undefined : directory,
      format: formatOf(name, given),
      quiet: given.quiet === true,
      verbose: given.verbose === true,
      color: program.opts().color === false || sub.opts().color === false ? false : undefined,
    },
    input: { ...without(given, ['C', 'json', 'ndjson', 'quiet', 'verbose', 'color']), ...args, rest },
  };
}

/** `--json`, `--ndjson` and a command's own `--output-format` name one thing; two different ones are a mistake. */
function formatOf(name: string, given: Record<string, unknown>): GlobalFlags['format'] {
  const named = new Set([
    ...(given.json === true ? ['json'] : []),
    ...(given.ndjson === true ? ['ndjson'] : []),
    ...(typeof given.outputFormat === 'string' ? [given.outputFormat] : []),
  ]);
  if (named.size > 1) {
    throw failures.usage(`${[...named].join(' and ')} are different output formats`, `wt ${name} --help`);
  }
  if (named.has('json')) return 'json';
  return named.has('ndjson') || named.has('stream-json') ? 'ndjson' : 'people';
}

/** Paragraphs as one line each, which commander wraps to the terminal; indented examples stay as they are. */
const reflow = (text: string) => text.replace(/(\S)\n(?=\S)/g, '$1 ');

function describe(sub: Commander, command: Command): void {
  sub
    .summary(command.summary)
    .description([command.summary, reflow(command.description ?? '')].filter(Boolean).join('\n\n'));
  for (const arg of command.args) {
    const dots = arg.variadic === true ? '...' : '';
    sub.argument(arg.required === true ? `<${arg.name}${dots}>` : `[${arg.name}${dots}]`, arg.summary);
  }
  for (const spec of command.options) {
    const option = new Option(spec.flags, spec.summary);
    if (spec.choices !== undefined) option.choices([...spec.choices]);
    if (spec.repeatable === true) {
      option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
    }
    sub.addOption(option);
  }
  for (const option of globalOptions()) sub.addOption(option);
  sub.allowExcessArguments(false).showHelpAfterError(false);
  if (command.rest !== undefined) sub.usage(`${sub.usage()} [-- <${command.rest.name}>]`);
}

/** `wt --help`: what wt is, every command with its summary, the global flags. */
export function overview(
  commands: readonly {
    readonly name: string;
    readonly aliases: readonly string[];
    readonly command: Command;
  }[],
): string {
  const visible = commands.filter(({ command }) => command.hidden !== true);
  const label = (c: (typeof commands)[number]) => [c.name, ...c.aliases].join(', ');
  const flags = [
    ...globalOptions().map(({ flags, description }) => [flags, description] as const),
    ['-V, --version', 'the version'] as const,
    ['-h, --help', 'this, or of one command: wt <command> --help'] as const,
  ];
  const width = Math.max(...visible.map((c) => label(c).length), ...flags.map(([flag]) => flag.length)) + 2;
  return [
    'Usage: wt [-C <dir>] [--json|--ndjson] [-q] [-v] [--no-color] <command> …',
    '',
    'Git worktrees with a Claude Code session in each: create, dispatch, watch, land, clean up.',
    '',
    'Commands:',
    ...visible.map((c) => `  ${label(c).padEnd(width)}${c.command.summary}`),
    '',
    'Everywhere:',
    ...flags.map(([flag, text]) => `  ${flag.padEnd(width)}${text}`),
    '',
    'A worktree is named by its path, @ (this one), ^ (the main one), - (the last one), its branch,',
    'its project id, the number of the project (6), or the beginning of either.',
  ].join('\n');
}

const camel = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const without = (record: Record<string, unknown>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
