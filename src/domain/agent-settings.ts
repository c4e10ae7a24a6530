import * as z from 'zod';
import { quote } from './shell.ts';
import { writingTools } from './tool-guard.ts';

/** Stands for the file of generated settings in claude's arguments until the run has a folder; no argument has a NUL. */
export const settingsPlace = '\0settings';

const Group = z.looseObject({ matcher: z.string().optional(), hooks: z.array(z.looseObject({})) });

/**
 * Settings of a person that are to be passed on with the guard. In headless mode claude ignores a whole file without
 * a word when a part that it knows has the wrong shape (2.1.197), and the guard with it: the usual parts are checked.
 */
export const OwnSettings = z.looseObject({
  hooks: z.looseObject({ PreToolUse: z.array(Group).optional() }).optional(),
  permissions: z.looseObject({}).optional(),
  env: z.record(z.string(), z.string()).optional(),
});
export type OwnSettings = z.infer<typeof OwnSettings>;

/** What the generated settings say. */
export type Guard = {
  /** The command line that starts wt. */
  readonly self: readonly string[];
  readonly worktree: string;
  readonly allowOutside: readonly string[];
  readonly allowPush: boolean;
  /** What is done about an edit of a file that another worktree changes too. */
  readonly conflictWarning: 'off' | 'warn' | 'strict';
};

const warningFlags = { off: '--no-warning', warn: '--warn', strict: '--strict' } as const;

/** In seconds: claude goes on without the guard after that, so it is long enough for a machine that is busy. */
export const agentHookTimeout = 60;

/** The settings of an agent: the person's own, with the guard among their hooks. */
export function agentSettings(guard: Guard, own: OwnSettings = {}): OwnSettings {
  const group = (matcher: string, command: string) => ({
    matcher,
    hooks: [{ type: 'command', command, timeout: agentHookTimeout }],
  });
  const words = [...guard.self, 'hook', 'pre-tool-use', '--worktree', guard.worktree];
  const run = words.concat(guard.allowOutside.flatMap((folder) => ['--allow-outside', folder])).map(quote);
  const ours = [
    group(writingTools.join('|'), [...run, warningFlags[guard.conflictWarning]].join(' ')),
    ...(guard.allowPush ? [] : [group('Bash', whenPushing([...run, '--deny-push'].join(' ')))]),
  ];
  return { ...own, hooks: { ...own.hooks, PreToolUse: [...(own.hooks?.PreToolUse ?? []), ...ours] } };
}

/** claude runs hooks by `/bin/sh -c`; the shell itself looks whether a command can be of interest, to save node's start. */
const whenPushing = (command: string): string =>
  `i=$(cat); case $i in *push*|*send-pack*) printf %s "$i" | ${command};; esac`;

/** claude's words without its `--settings`, of which only the last counts, and that one. */
export function takeSettings(words: readonly string[]): {
  readonly words: readonly string[];
  /** `''` where the flag has no value. */
  readonly settings: string | undefined;
} {
  const rest: string[] = [];
  let settings: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--settings') settings = words[++at] ?? '';
    else if (word.startsWith('--settings=')) settings = word.slice('--settings='.length);
    else rest.push(word);
  }
  return { words: rest, settings };
}

/** Whether the value of `--settings` is the settings themselves, as claude tells it from the name of a file. */
export const isInline = (settings: string): boolean =>
  settings.trim().startsWith('{') && settings.trim().endsWith('}');
