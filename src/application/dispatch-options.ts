import * as z from 'zod';
import { ShellCommand, TimeLimit, ToolList, Word } from '../domain/config-values.ts';
import { failures } from '../domain/failure.ts';
import { promptPlaceholders } from '../domain/prompt-file.ts';

/** A number above zero, as commander gives it: as text. */
export const positive = (error: string) => z.coerce.number({ error }).positive({ error });

const Variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*=/, { error: 'must be NAME=value' })
  .transform((text): [string, string] => [
    text.slice(0, text.indexOf('=')),
    text.slice(text.indexOf('=') + 1),
  ]);

/** The options of a run, as `dispatch` and what starts runs otherwise take them. */
export const runOptions = [
  { flags: '-p, --prompt <text>', summary: 'what the agent is to do' },
  {
    flags: '--prompt-file <file>',
    summary: 'read the prompt from a file (one for each: prompts/{project_id}.md), or with - from stdin',
  },
  { flags: '--tools <list>', summary: "what runs without asking: claude's --allowedTools" },
  { flags: '--timeout <secs>', summary: 'end it after so long (3600)' },
  { flags: '--resume', summary: "continue the worktree's last session" },
  { flags: '--model <model>', summary: 'for claude' },
  { flags: '--max-turns <n>', summary: 'for claude' },
  { flags: '--max-budget-usd <usd>', summary: 'for claude' },
  { flags: '--permission-mode <mode>', summary: 'for claude' },
  { flags: '--append-system-prompt <text>', summary: 'for claude' },
  { flags: '--json-schema <json|@file>', summary: 'the shape of a structured result' },
  { flags: '--env <K=V>', summary: "a variable of the agent's environment", repeatable: true },
  { flags: '--allow-empty', summary: 'a run that changes nothing is a success' },
  { flags: '--allow-push', summary: 'let the agent git push' },
  { flags: '--commit', summary: 'commit what the agent leaves uncommitted' },
  { flags: '--stall <secs>', summary: 'end it after so long without an event or a running tool' },
  { flags: '--retries <n>', summary: 'continue the session so often after API errors (0)' },
  { flags: '--wait-for-limit', summary: 'wait for the end of a rate limit, then continue the session' },
  { flags: '--until <command>', summary: 'continue the session until this shell command passes' },
  { flags: '--attempts <n>', summary: 'at most so often in all, with --until (3)' },
  { flags: '--escalate-model <model>', summary: 'for the last attempt of --until' },
  {
    flags: '--notify <command>',
    summary: 'a shell command that gets the dispatch object on stdin',
    repeatable: true,
  },
  { flags: '--allow-outside <dir>', summary: 'let Write and Edit work there too', repeatable: true },
  { flags: '-f, --force', summary: "also where somebody else's session of claude is at work" },
] as const;

/** How a prompt file is chosen for each worktree, for `--help`. */
export const promptFileHelp = `In the name of a prompt file ${promptPlaceholders.slice(0, -1).join(', ')} and ${promptPlaceholders.at(-1)} stand for what is dispatched: one file for each, all read before anything starts.`;

/** Refuses options that only mean something beside another. */
export function refuseIdleOptions({
  until,
  attempts,
  escalateModel,
}: Pick<z.infer<typeof RunInput>, 'until' | 'attempts' | 'escalateModel'>): void {
  if (until !== undefined) return;
  const idle =
    attempts !== undefined ? '--attempts' : escalateModel !== undefined ? '--escalate-model' : undefined;
  if (idle !== undefined)
    throw failures.usage(`${idle} is for runs with a check`, `${idle} … --until 'npm test'`);
}

/** What those options parse to. */
export const RunInput = z.object({
  prompt: z.string().optional(),
  promptFile: z.string().min(1, { error: 'must be the name of a file' }).optional(),
  tools: ToolList.optional(),
  timeout: TimeLimit.optional(),
  resume: z.boolean().default(false),
  model: Word.optional(),
  maxTurns: positive('must be a number of turns').int({ error: 'must be a number of turns' }).optional(),
  maxBudgetUsd: positive('must be an amount in USD').optional(),
  permissionMode: Word.optional(),
  appendSystemPrompt: z.string().optional(),
  jsonSchema: z.string().optional(),
  env: z
    .array(Variable)
    .default([])
    .transform((pairs): Record<string, string> => Object.fromEntries(pairs)),
  allowEmpty: z.boolean().default(false),
  allowPush: z.boolean().default(false),
  commit: z.boolean().default(false),
  stall: TimeLimit.optional(),
  retries: z.coerce
    .number({ error: 'must be a whole number from 0 to 100' })
    .int({ error: 'must be a whole number from 0 to 100' })
    .min(0, { error: 'must be a whole number from 0 to 100' })
    .max(100, { error: 'must be a whole number from 0 to 100' })
    .optional(),
  waitForLimit: z.boolean().default(false),
  until: ShellCommand.optional(),
  attempts: z.coerce
    .number({ error: 'must be a whole number from 1 to 100' })
    .int({ error: 'must be a whole number from 1 to 100' })
    .min(1, { error: 'must be a whole number from 1 to 100' })
    .max(100, { error: 'must be a whole number from 1 to 100' })
    .optional(),
  escalateModel: Word.optional(),
  notify: z.array(ShellCommand).default([]),
  allowOutside: z.array(z.string().min(1, { error: 'must be a directory' })).default([]),
  force: z.boolean().default(false),
  rest: z.array(z.string()),
});
