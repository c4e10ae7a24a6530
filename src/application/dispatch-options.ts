import * as z from 'zod';
import { TimeLimit, ToolList, Word } from '../domain/config-values.ts';

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
  { flags: '--prompt-file <file>', summary: 'read the prompt from a file, or with - from stdin' },
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
] as const;

/** What those options parse to. */
export const RunInput = z.object({
  prompt: z.string().optional(),
  promptFile: z.string().optional(),
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
  rest: z.array(z.string()),
});
