import { randomUUID } from 'node:crypto';

/** Whose events they are. */
export type Speaker = { readonly session: string; readonly model: string };

/** One block of a message, as the Messages API spells it. */
export type Block =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
    };

/** A tool use that was denied, as the result lists it. */
export type Denial = {
  readonly tool_name: string;
  readonly tool_use_id: string;
  readonly tool_input: Readonly<Record<string, unknown>>;
};

/** What was used up so far. */
export type Spent = { readonly answers: number; readonly costUsd: number };

const noCache = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const usageOf = (answers: number) => ({
  input_tokens: 10 * answers,
  output_tokens: 5 * answers,
  ...noCache,
  server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
  service_tier: 'standard',
});

const stamp = ({ session }: Speaker) => ({ session_id: session, uuid: randomUUID() });

/** The first event of a session (shapes of all events: claude 2.1.197). */
export function initEvent(
  speaker: Speaker,
  where: { readonly cwd: string; readonly tools: readonly string[]; readonly permissionMode: string },
): object {
  return {
    type: 'system',
    subtype: 'init',
    cwd: where.cwd,
    tools: where.tools,
    mcp_servers: [],
    model: speaker.model,
    permissionMode: where.permissionMode,
    slash_commands: [],
    apiKeySource: 'none',
    claude_code_version: '2.1.197',
    output_style: 'default',
    agents: [],
    skills: [],
    plugins: [],
    fast_mode_state: 'off',
    ...stamp(speaker),
  };
}

/** One block of an answer: claude gives every block an event of its own, under one message id. */
export function assistantEvent(speaker: Speaker, message: string, block: Block): object {
  return {
    type: 'assistant',
    message: {
      id: message,
      type: 'message',
      role: 'assistant',
      model: speaker.model,
      content: [block],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 1, ...noCache },
      context_management: null,
    },
    parent_tool_use_id: null,
    ...stamp(speaker),
  };
}

/** What claude says in the model's place when the API refuses. */
export function syntheticEvent(speaker: Speaker, text: string, error: string): object {
  const event = assistantEvent({ ...speaker, model: '<synthetic>' }, randomUUID(), { type: 'text', text });
  return { ...event, error };
}

/** What a tool gave back; claude leaves `is_error` out for tools other than Bash that went well. */
export function toolResultEvent(
  speaker: Speaker,
  tool: string,
  content: string,
  isError: boolean | undefined,
): object {
  const error = isError === undefined ? {} : { is_error: isError };
  return {
    type: 'user',
    message: { role: 'user', content: [{ tool_use_id: tool, type: 'tool_result', content, ...error }] },
    parent_tool_use_id: null,
    ...stamp(speaker),
    timestamp: new Date().toISOString(),
    tool_use_result: isError ? `Error: ${content}` : content,
  };
}

/** claude says that it asks the API again. */
export function retryEvent(speaker: Speaker, status: number): object {
  return {
    type: 'system',
    subtype: 'api_retry',
    attempt: 1,
    max_retries: 10,
    retry_delay_ms: 600.5,
    error_status: status,
    error: status === 429 ? 'rate_limit' : status === 401 ? 'authentication_failed' : 'server_error',
    ...stamp(speaker),
  };
}

/** The limit of a subscription was hit; `resetsAt` is in epoch seconds. */
export function rateLimitEvent(speaker: Speaker, resetsAt: number): object {
  return {
    type: 'rate_limit_event',
    rate_limit_info: { status: 'rejected', resetsAt, rateLimitType: 'five_hour', isUsingOverage: false },
    ...stamp(speaker),
  };
}

/** claude tells of background tasks that it stopped, after the result. */
export function stoppedTaskEvents(speaker: Speaker): object[] {
  const task = { task_id: 'b0000001' };
  const patch = { status: 'killed', end_time: Date.now() };
  return [
    { type: 'system', subtype: 'task_updated', ...task, patch, ...stamp(speaker) },
    { type: 'system', subtype: 'task_notification', ...task, status: 'stopped', ...stamp(speaker) },
  ];
}

/** How a session ended, for `resultEvent`. */
export type Outcome =
  | { readonly kind: 'success'; readonly result: string; readonly structured?: unknown }
  | { readonly kind: 'refused'; readonly result: string; readonly status: number | null }
  | { readonly kind: 'error'; readonly subtype: string; readonly error: string; readonly reason?: string };

/** The result. An API error keeps the subtype `success`; the other errors have neither `result` nor a status. */
export function resultEvent(
  speaker: Speaker,
  outcome: Outcome,
  spent: Spent,
  facts: {
    readonly turns: number;
    readonly durationMs: number;
    readonly denials: readonly Denial[];
    /** What the model last did; null when it was never asked. */
    readonly stopReason: 'end_turn' | 'tool_use' | null;
  },
): object {
  const error = outcome.kind !== 'success';
  const common = {
    type: 'result',
    is_error: error,
    duration_ms: facts.durationMs,
    duration_api_ms: 0,
    num_turns: facts.turns,
    total_cost_usd: spent.costUsd,
    usage: usageOf(spent.answers),
    modelUsage: {},
    permission_denials: facts.denials,
    fast_mode_state: 'off',
    ...stamp(speaker),
  };
  switch (outcome.kind) {
    case 'success': {
      const structured = outcome.structured === undefined ? {} : { structured_output: outcome.structured };
      return {
        ...common,
        subtype: 'success',
        api_error_status: null,
        result: outcome.result,
        stop_reason: outcome.structured === undefined ? 'end_turn' : 'tool_use',
        ...structured,
        terminal_reason: 'completed',
      };
    }
    case 'refused':
      return {
        ...common,
        subtype: 'success',
        api_error_status: outcome.status,
        result: outcome.result,
        stop_reason: 'stop_sequence',
        terminal_reason: 'completed',
      };
    case 'error': {
      const reason = outcome.reason === undefined ? {} : { terminal_reason: outcome.reason };
      return {
        ...common,
        subtype: outcome.subtype,
        stop_reason: facts.stopReason,
        errors: [outcome.error],
        ...reason,
      };
    }
  }
}
