import { randomUUID } from 'node:crypto';
import type { Options } from './arguments.ts';
import {
  assistantEvent,
  type Block,
  type Denial,
  initEvent,
  type Outcome,
  resultEvent,
  type Speaker,
  toolResultEvent,
} from './events.ts';
import { denied, judge } from './permissions.ts';
import type { ToolOutput } from './tools.ts';

/** How the session ends: claude's exit code, and its result unless it gives none. */
export type Ending = { readonly exit: number; readonly result?: object };

/** A use of a tool, and what runs when it is allowed. */
export type ToolUse = {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly run: () => ToolOutput | Promise<ToolOutput>;
  /** Denied whatever the rules say. */
  readonly denied?: boolean;
};

/** The conversation: it counts turns and dollars, keeps to the limits, and says everything as events. */
export type Conversation = {
  readonly speaker: Speaker;
  readonly say: (text: string) => Ending | undefined;
  readonly use: (tool: ToolUse) => Promise<Ending | undefined>;
  readonly end: (outcome: Outcome) => Ending;
  /** The ordinary end: the last text is the result. */
  readonly finish: (structured?: unknown) => Ending;
  readonly exceedBudget: () => Ending;
  readonly exceedTurns: () => Ending;
  readonly charge: (usdPerAnswer: number) => void;
};

const everyTool = ['Task', 'Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write'];

/** Begins with the init event. */
export function openConversation(
  options: Options,
  speaker: Speaker,
  emit: (event: object) => void,
): Conversation {
  const startedAt = performance.now();
  const denials: Denial[] = [];
  let answers = 0;
  let toolUses = 0;
  let usdPerAnswer = 0.000175;
  let costUsd = 0;
  /** The id of the answer that is being given: further blocks belong to it until a tool has run. */
  let message: string | undefined;
  let text: string | undefined;

  const end = (outcome: Outcome): Ending => {
    const durationMs = Math.round(performance.now() - startedAt);
    const stopReason = answers === 0 ? null : text === undefined ? 'tool_use' : 'end_turn';
    const facts = { turns: toolUses + 1, durationMs, denials, stopReason } as const;
    const exit = outcome.kind === 'success' ? 0 : 1;
    return { exit, result: resultEvent(speaker, outcome, { answers, costUsd }, facts) };
  };
  const exceedTurns = () => {
    const error = `Reached maximum number of turns (${options.maxTurns ?? answers})`;
    return end({ kind: 'error', subtype: 'error_max_turns', error, reason: 'max_turns' });
  };
  const exceedBudget = () => {
    const error = `Reached maximum budget ($${options.maxBudgetUsd ?? 0})`;
    return end({ kind: 'error', subtype: 'error_max_budget_usd', error });
  };
  const overBudget = () => options.maxBudgetUsd !== undefined && costUsd > options.maxBudgetUsd;

  /** Gives a block of the answer, which begins here if none is being given: the turn limit is checked then. */
  const give = (block: Block): Ending | undefined => {
    if (message === undefined) {
      if (options.maxTurns !== undefined && answers >= options.maxTurns) return exceedTurns();
      answers += 1;
      costUsd += usdPerAnswer;
      message = `msg_${randomUUID()}`;
    }
    emit(assistantEvent(speaker, message, block));
    return undefined;
  };
  const say = (said: string) => {
    text = said;
    return give({ type: 'text', text: said });
  };
  const use = async ({ name, input, run, denied: always }: ToolUse): Promise<Ending | undefined> => {
    const id = `toolu_${randomUUID()}`;
    const ending = give({ type: 'tool_use', id, name, input });
    text = undefined;
    if (ending !== undefined) return ending;
    if (overBudget()) return exceedBudget();
    toolUses += 1;
    const verdict = always ? denied(name, input) : judge(options, name, input);
    const output: ToolOutput =
      verdict.kind === 'runs' ? await run() : { content: verdict.message, error: true };
    if (verdict.kind === 'denied') denials.push({ tool_name: name, tool_use_id: id, tool_input: input });
    emit(toolResultEvent(speaker, id, output.content, output.error));
    message = undefined;
    return undefined;
  };
  const finish = (structured?: unknown): Ending => {
    if (structured !== undefined) {
      return end({ kind: 'success', result: JSON.stringify(structured), structured });
    }
    const ending = text === undefined ? say('Done.') : undefined;
    if (ending !== undefined) return ending;
    return overBudget() ? exceedBudget() : end({ kind: 'success', result: text ?? '' });
  };

  const { permissionMode, tools = everyTool, disallowed } = options;
  const remaining = tools.filter((tool) => !disallowed.includes(tool));
  emit(initEvent(speaker, { cwd: process.cwd(), tools: remaining, permissionMode }));
  return {
    speaker,
    say,
    use,
    end,
    finish,
    exceedBudget,
    exceedTurns,
    charge: (usd) => {
      usdPerAnswer = usd;
    },
  };
}
