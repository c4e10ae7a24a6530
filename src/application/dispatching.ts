import { agentArguments, agentEnvironment } from '../domain/agent-command.ts';
import { type OwnSettings, settingsPlace } from '../domain/agent-settings.ts';
import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import { blankDispatch, type DispatchRecord, type DispatchRequest, isRunIn } from '../domain/dispatch.ts';
import { errorBody } from '../domain/error-body.ts';
import { type Failure, failures } from '../domain/failure.ts';
import type { Binding } from '../domain/orchestration/binding.ts';
import { pushGuard } from '../domain/push-guard.ts';
import type { Sha } from '../domain/sha.ts';
import type { Warning } from '../domain/warning.ts';
import { type Worktree, worktreeName } from '../domain/worktree.ts';
import { worktreeEnvironment } from '../domain/worktree-environment.ts';
import { openAgentGuard } from './agent-guard.ts';
import { occupationOf } from './occupation.ts';
import type { Hub, Ports } from './ports.ts';
import { fromHere } from './prompt.ts';
import { openSessionCheck } from './session-check.ts';
import { bindRun } from './stored-binding.ts';

/** What the user may say about a run; what is left out comes from the configuration. */
export type DispatchChoices = {
  readonly tools?: readonly string[] | undefined;
  /** Seconds. */
  readonly timeout?: number | undefined;
  readonly resume: boolean;
  readonly model?: string | undefined;
  readonly maxTurns?: number | undefined;
  readonly maxBudgetUsd?: number | undefined;
  readonly permissionMode?: string | undefined;
  readonly appendSystemPrompt?: string | undefined;
  /** JSON, or `@` and the name of a file that holds it. */
  readonly jsonSchema?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly allowEmpty: boolean;
  readonly allowPush: boolean;
  readonly commit: boolean;
  /** Seconds. */
  readonly stall?: number | undefined;
  readonly retries?: number | undefined;
  readonly waitForLimit: boolean;
  readonly until?: string | undefined;
  readonly attempts?: number | undefined;
  readonly escalateModel?: string | undefined;
  readonly notify: readonly string[];
  /** As given: relative to where wt was started. */
  readonly allowOutside: readonly string[];
  /** Also where a session of somebody else is at work. */
  readonly force: boolean;
  readonly rest: readonly string[];
  /** The agent whose work the run is, and its file as given; else what the worktree is bound to. */
  readonly address?: string | undefined;
  readonly orchestration?: string | undefined;
  readonly completeBarriers?: boolean | undefined;
};

/** How long claude may stay silent after its result: it gives background tasks about five seconds (2.1.197). */
const lingerMs = 30_000;

/** How the runs of one command are started: everything that can be wrong with one is found before any effect. */
export type Dispatching = {
  /** Throws what speaks against a run in this worktree. */
  readonly check: (worktree: Worktree) => Promise<ReadyWorktree>;
  /** Starts a run; gives its record once claude runs, or could not be started. */
  readonly start: (ready: ReadyWorktree, prompt: string) => Promise<DispatchRecord>;
};
export type ReadyWorktree = {
  readonly worktree: Worktree & { readonly head: Sha };
  readonly sessionId: string;
  /** The person's own settings of claude, with which the guard's go. */
  readonly settings?: OwnSettings | undefined;
  /** The agent whose work the run is. */
  readonly binding?: Binding | undefined;
  /** What is to be told with the run's answer. */
  readonly warnings?: readonly Warning[];
};

/** Resolves what all runs of one command share. Throws `claude_not_found`. */
export async function openDispatching(
  ports: Ports,
  hub: Hub,
  choices: DispatchChoices,
): Promise<Dispatching> {
  const { config } = await ports.config();
  const [name, ...leading] = config.tools.claude;
  const found = await ports.terminal.which(name);
  if (found === undefined) throw failures.claudeNotFound(name);
  const command = fromHere(ports, found);
  const jsonSchema = await readSchema(ports, choices.jsonSchema);
  const tools = choices.tools ?? config.dispatch.tools;
  const settings = choices.allowPush ? [] : pushGuard(await hub.git.pushSettings());
  const worktrees = await hub.git.worktrees();
  const guard = await openAgentGuard(ports, hub, { ...choices, leading });

  const refuseSessions = openSessionCheck(ports, hub, worktrees, [command, ...leading]);

  const model = choices.model ?? config.dispatch.model;
  const stall = choices.stall ?? config.dispatch.stall;
  const argv = (
    sessionId: string,
    change: { readonly resume: boolean; readonly model: string | undefined },
  ) => [
    ...guard.leading,
    ...agentArguments({
      ...choices,
      ...change,
      rest: guard.rest,
      settings: settingsPlace,
      sessionId,
      tools,
      jsonSchema,
      permissionMode: choices.permissionMode ?? config.dispatch.permission_mode,
    }),
  ];

  const request = ({ worktree, sessionId }: ReadyWorktree): DispatchRequest => ({
    tools: [...tools],
    timeout_ms: Math.max(1, Math.round((choices.timeout ?? config.dispatch.timeout) * 1000)),
    grace_ms: Math.round(config.dispatch.grace * 1000),
    linger_ms: lingerMs,
    resume: choices.resume,
    allow_empty: choices.allowEmpty,
    allow_push: choices.allowPush,
    commit: choices.commit,
    stall_ms: stall === undefined ? null : Math.max(1, Math.round(stall * 1000)),
    retries: choices.retries ?? config.dispatch.retries,
    wait_for_limit: choices.waitForLimit,
    until: choices.until === undefined ? null : { command: choices.until, attempts: choices.attempts ?? 3 },
    notify: [...choices.notify, ...(config.notify === undefined ? [] : [config.notify])],
    checkpoint_ms: Math.round(config.dispatch.checkpoint * 1000),
    allow_outside: [...guard.allowOutside],
    model: model ?? null,
    escalate_model: choices.escalateModel ?? null,
    command,
    args: argv(sessionId, { resume: choices.resume, model }),
    resume_args: argv(sessionId, { resume: true, model }),
    escalated_args: argv(sessionId, { resume: true, model: choices.escalateModel ?? model }),
    ...agentEnvironment(
      ports.environment.variables,
      worktreeEnvironment(worktree, config.naming.variable),
      choices.env,
      settings,
    ),
  });

  let listed: Promise<readonly DispatchRecord[]> | undefined;
  const records = () => {
    listed ??= hub.runs.list();
    return listed;
  };

  return {
    check: async (worktree) => {
      if (worktree.prunable !== undefined) throw failures.notThisWorktree(worktree.path, worktree.prunable);
      const { head } = worktree;
      if (head === undefined) throw failures.noCommits(worktree.path);
      if (!choices.force) {
        const occupation = await occupationOf(hub, worktree.path);
        if (occupation !== undefined) throw failures.worktreeOccupied(worktreeName(worktree), occupation);
        await refuseSessions(worktree);
      }
      if (choices.commit) await hub.git.requireIdentity(worktree.path);
      const sessionId = choices.resume ? await lastSession(hub, worktree) : ports.clock.uuid();
      const bond = await bindRun(ports, hub, worktree, choices, await records());
      const settings = await guard.ownSettings(worktree);
      return { worktree: { ...worktree, head }, sessionId, settings, ...bond };
    },
    start: async (ready, prompt) => {
      await hub.facts.rememberUsed(ready.worktree.path);
      return hub.supervisors.start({
        ...ready,
        conflictWarning: config.dispatch.conflict_warning,
        watched: worktrees.flatMap(({ path, prunable }) =>
          prunable !== undefined || path === ready.worktree.path ? [] : [path],
        ),
        prompt,
        request: request(ready),
        onWait: (holder) => ports.narrator.note(`waiting for ${holder}`),
      });
    },
  };
}

async function readSchema(ports: Ports, given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const text = given.startsWith('@') ? await ports.terminal.readFile(fromHere(ports, given.slice(1))) : given;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw failures.usage(
      `--json-schema is not JSON: ${(error as Error).message}`,
      '--json-schema @file reads it from a file',
    );
  }
}

/** The session that `--resume` continues: of the worktree's newest run in which claude announced one. */
async function lastSession(hub: Hub, worktree: Worktree): Promise<string> {
  const here = (await hub.runs.list()).filter((record) => isRunIn(record, worktree));
  const records = await Promise.all(here.map(hub.supervisors.reconcile));
  const last = records.find((record) => record.session_started);
  const sessionId = last?.dispatch.session_id;
  if (sessionId == null) throw failures.noSession(worktreeName(worktree));
  return sessionId;
}

/** The element of a batch for a worktree in which nothing was begun. */
export const notDispatched = (worktree: Worktree, failure: Failure): DispatchAnswer => ({
  ...blankDispatch,
  worktree_path: worktree.path,
  branch: worktree.branch ?? null,
  project_id: worktree.facts?.project_id ?? null,
  base_sha: worktree.facts?.base_sha ?? null,
  head_sha: worktree.head ?? null,
  error: errorBody(failure),
});
