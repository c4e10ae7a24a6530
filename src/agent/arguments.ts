/** What claude's headless flags ask for, as far as the scripted agent heeds them; the others are read and ignored. */
export type Options = {
  readonly print: boolean;
  readonly version: boolean;
  readonly format: 'text' | 'json' | 'stream-json';
  readonly sessionId: string | undefined;
  readonly resume: string | undefined;
  readonly allowed: readonly string[];
  readonly disallowed: readonly string[];
  /** `--tools`: the tools that exist at all; undefined for every one. */
  readonly tools: readonly string[] | undefined;
  readonly model: string;
  readonly maxTurns: number | undefined;
  readonly maxBudgetUsd: number | undefined;
  readonly permissionMode: string;
  readonly structured: boolean;
  readonly prompt: string | undefined;
};

/** Why claude would not start: one line for stderr, exit 1. */
export type Refusal = { readonly refusal: string };

const switches = new Set(
  `--allow-dangerously-skip-permissions --ax-screen-reader --background --bare --bg --brief --chrome --continue
  --dangerously-skip-permissions --disable-slash-commands --exclude-dynamic-system-prompt-sections --fork-session
  --ide --include-hook-events --include-partial-messages --no-chrome --no-session-persistence --print
  --replay-user-messages --safe-mode --strict-mcp-config --verbose --version`.split(/\s+/),
);
const withValue = new Set(
  `--agent --agents --append-system-prompt --debug-file --effort --fallback-model --input-format --json-schema
  --max-budget-usd --max-turns --model --name --output-format --permission-mode --plugin-dir --plugin-url --resume
  --session-id --setting-sources --settings --system-prompt`.split(/\s+/),
);
const withValues = new Set(
  '--add-dir --allowedTools --betas --disallowedTools --file --mcp-config --tools'.split(' '),
);
const spellings: Readonly<Record<string, string>> = {
  '-p': '--print',
  '-r': '--resume',
  '-c': '--continue',
  '-n': '--name',
  '-v': '--version',
  '--allowed-tools': '--allowedTools',
  '--disallowed-tools': '--disallowedTools',
};
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads claude's command line as claude does: lists take every argument up to the next flag, a prompt included. */
export function readArguments(argv: readonly string[]): Options | Refusal {
  const given = new Map<string, string[]>();
  const prompts: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] as string;
    if (!argument.startsWith('-')) {
      prompts.push(argument);
      continue;
    }
    const equals = argument.startsWith('--') ? argument.indexOf('=') : -1;
    const spelled = equals < 0 ? argument : argument.slice(0, equals);
    const flag = spellings[spelled] ?? spelled;
    const values = equals < 0 ? [] : [argument.slice(equals + 1)];
    const takes = withValues.has(flag) ? Number.POSITIVE_INFINITY : withValue.has(flag) ? 1 : 0;
    if (takes === 0 && !switches.has(flag)) return { refusal: `error: unknown option '${spelled}'` };
    while (equals < 0 && values.length < takes && argv[at + 1]?.startsWith('-') === false) {
      at += 1;
      values.push(argv[at] as string);
    }
    if (takes > 0 && values.length === 0) return { refusal: `error: option '${spelled}' argument missing` };
    given.set(flag, [...(given.get(flag) ?? []), ...values]);
  }
  return refusalOf(given) ?? optionsOf(given, prompts);
}

function refusalOf(given: ReadonlyMap<string, readonly string[]>): Refusal | undefined {
  const last = (flag: string) => given.get(flag)?.at(-1);
  const sessionId = last('--session-id');
  if (sessionId !== undefined && !uuid.test(sessionId)) {
    return { refusal: 'Error: Invalid session ID. Must be a valid UUID.' };
  }
  if (sessionId !== undefined && given.has('--resume')) {
    return {
      refusal:
        'Error: --session-id can only be used with --continue or --resume if --fork-session is also specified.',
    };
  }
  if (given.has('--print') && last('--output-format') === 'stream-json' && !given.has('--verbose')) {
    return { refusal: 'Error: When using --print, --output-format=stream-json requires --verbose' };
  }
  const schema = last('--json-schema');
  if (schema !== undefined && !isJson(schema)) return { refusal: 'Error: --json-schema is not valid JSON' };
  if (last('--permission-mode') === 'bypassPermissions' && process.getuid?.() === 0) {
    return {
      refusal: '--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons',
    };
  }
  return undefined;
}

function optionsOf(given: ReadonlyMap<string, readonly string[]>, prompts: readonly string[]): Options {
  const last = (flag: string) => given.get(flag)?.at(-1);
  const number = (flag: string) => {
    const value = Number(last(flag) ?? Number.NaN);
    return Number.isNaN(value) ? undefined : value;
  };
  const format = last('--output-format');
  return {
    print: given.has('--print'),
    version: given.has('--version'),
    format: format === 'json' || format === 'stream-json' ? format : 'text',
    sessionId: last('--session-id'),
    resume: last('--resume'),
    allowed: (given.get('--allowedTools') ?? []).flatMap(rulesIn),
    disallowed: (given.get('--disallowedTools') ?? []).flatMap(rulesIn),
    tools: given.get('--tools')?.flatMap(rulesIn),
    model: last('--model') ?? 'scripted-model',
    maxTurns: number('--max-turns'),
    maxBudgetUsd: number('--max-budget-usd'),
    permissionMode: last('--permission-mode') ?? 'default',
    structured: given.has('--json-schema'),
    prompt: prompts.length === 0 ? undefined : prompts.join(' '),
  };
}

/** Tool rules stand apart by commas or spaces outside of parentheses: `Read,Bash(git commit:*) Edit`. */
function rulesIn(list: string): string[] {
  return list.match(/[^\s,(]+(?:\([^)]*\))?/g) ?? [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
