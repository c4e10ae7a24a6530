import type { GitSetting } from './push-guard.ts';

/** How claude is asked to run. */
export type AgentOptions = {
  readonly sessionId: string;
  /** Continue that session instead of beginning it: the id of an existing session is refused otherwise. */
  readonly resume: boolean;
  readonly tools: readonly string[];
  readonly allowPush: boolean;
  readonly model?: string | undefined;
  readonly maxTurns?: number | undefined;
  readonly maxBudgetUsd?: number | undefined;
  readonly permissionMode?: string | undefined;
  readonly appendSystemPrompt?: string | undefined;
  /** The schema itself, as JSON. */
  readonly jsonSchema?: string | undefined;
  /** The file of generated settings: claude heeds only the last `--settings` (2.1.197). */
  readonly settings?: string | undefined;
  /** What the user wrote after `--`. */
  readonly rest: readonly string[];
};

/** claude's arguments. The prompt is not among them: it goes to stdin, since an argument over 128 KiB fails. */
export function agentArguments(options: AgentOptions): string[] {
  const flag = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [name, String(value)];
  return [
    // These two take any number of words, so each is followed by another option.
    ...(options.tools.length === 0 ? [] : ['--allowedTools', options.tools.join(',')]),
    ...(options.allowPush ? [] : ['--disallowedTools', 'Bash(git push:*)']),
    '-p',
    '--output-format',
    'stream-json',
    '--verbose',
    ...flag(options.resume ? '--resume' : '--session-id', options.sessionId),
    ...flag('--model', options.model),
    ...flag('--max-turns', options.maxTurns),
    ...flag('--max-budget-usd', options.maxBudgetUsd),
    ...flag('--permission-mode', options.permissionMode),
    ...flag('--append-system-prompt', options.appendSystemPrompt),
    ...flag('--json-schema', options.jsonSchema),
    ...flag('--settings', options.settings),
    ...options.rest,
  ];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What a claude that wt is itself running under tells its children; another claude must not take it as its own. */
const ofAnotherSession = [
  'CLAUDECODE',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_EXECPATH',
];

/**
 * The environment of an agent, on top of the inherited one: the worktree's variables, those the user gave, and
 * settings of git, appended to those that are there.
 */
export function agentEnvironment(
  inherited: Variables,
  worktree: Variables,
  given: Readonly<Record<string, string>>,
  settings: readonly GitSetting[],
): { readonly env: Record<string, string>; readonly unset: string[] } {
  const set = Object.entries({ ...worktree, ...given });
  const env = Object.fromEntries(
    set.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const removed = set.flatMap(([name, value]) => (value === undefined ? [name] : []));
  const unset = [...new Set([...removed, ...ofAnotherSession])].filter((name) => !(name in env));
  if (settings.length === 0) return { env, unset };
  const count = Number.parseInt({ ...inherited, ...env }.GIT_CONFIG_COUNT ?? '', 10);
  const first = Number.isSafeInteger(count) && count > 0 ? count : 0;
  for (const [index, { key, value }] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${first + index}`] = key;
    env[`GIT_CONFIG_VALUE_${first + index}`] = value;
  }
  env.GIT_CONFIG_COUNT = String(first + settings.length);
  return { env, unset };
}
