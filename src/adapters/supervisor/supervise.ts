import { setTimeout as pause } from 'node:timers/promises';
import type { DispatchRecord, StopCause } from '../../domain/dispatch.ts';
import { type DispatchProgress, noProgress } from '../../domain/dispatch-progress.ts';
import { isDirtyAt } from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { type Ask, openAsk } from '../git/ask.ts';
import { endTree, identify, ownIdentity } from '../processes.ts';
import { readRecord } from '../runs.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { commitLeftovers } from './commit.ts';
import { busyCheckouts, conclude, followed, followedToEnd, processWarnings } from './conclude.ts';
import { openLines } from './lines.ts';
import { claim, readSnapshot, readStop, runFiles, writeRecord, writeSnapshot } from './run-folder.ts';
import { takeSnapshot } from './work-done.ts';

/** How often the supervisor looks at the stream and for a request to stop. */
const lookMs = 200;
/** How long a commit's hooks may take. */
const commitMs = 30 * 60_000;

/** Why a run is to end before claude ends by itself; without a cause claude had given its result already. */
type Stop = { readonly cause: StopCause | undefined; readonly graceMs: number };

/**
 * The life of one run: owns claude from its start to the final record. Runs as a detached process of its own,
 * so that it outlives the command and the terminal that started it; the record's other writers wait until it
 * is dead.
 */
export async function superviseRun(folder: string): Promise<void> {
  const poked = listenForTermination();
  if (!claim(folder)) return; // somebody found the launcher dead and gave the run up
  let record = readRecord(folder);
  if (record === undefined) throw new Error(`there is no run in ${folder}`);
  const save = (change: Partial<DispatchRecord>) => {
    record = { ...(record as DispatchRecord), ...change };
    writeRecord(folder, record);
    return record;
  };
  record = save({ supervisor: ownIdentity(), phase: 'starting' });
  const own = record.dispatch.worktree_path ?? '/';
  const ask = openAsk({ cwd: own, variables: process.env });

  const busy = await busyCheckouts(folder, record);
  const others = record.watched.filter((path) => !busy.has(path));
  const snapshot = await takeSnapshot(ask, own, others);
  writeSnapshot(folder, snapshot);
  const early = stopRequest(folder, record, poked);
  const agent = early === undefined ? await startAgent(folder, record) : { fault: 'it was cancelled' };
  if ('fault' in agent) {
    const stopping = early?.cause ?? null;
    await conclude(folder, save({ phase: 'ending', stopping }), ask, {
      progress: noProgress,
      started: false,
      fault: agent.fault,
      exit: undefined,
      warnings: [],
      finishedAt: new Date(),
    });
    return;
  }
  record = save({
    phase: 'running',
    claude: identify(agent.pid) ?? null,
    dispatch: {
      ...record.dispatch,
      pid: agent.pid,
      uncommitted_changes: 'fault' in snapshot.own ? null : isDirtyAt(snapshot.own.fingerprint),
    },
  });
  await accompany(folder, record, agent, ask, poked, save);
}

async function accompany(
  folder: string,
  record: DispatchRecord,
  agent: AgentProcess,
  ask: Ask,
  poked: Poked,
  save: (change: Partial<DispatchRecord>) => DispatchRecord,
): Promise<void> {
  const lines = openLines(runFiles(folder).stream);
  const attended = await attend(folder, record, agent, lines, poked);
  let { progress } = attended;
  const { stop } = attended;
  const exitSeen = () => {
    const exit = agent.exit();
    return exit === undefined ? {} : { exit_code: exit.code, signal: exit.signal };
  };
  let latest = save({
    phase: 'ending',
    stopping: stop?.cause ?? null,
    dispatch: { ...record.dispatch, ...exitSeen() },
  });
  const warnings = await sweep(folder, latest, stop?.graceMs ?? latest.request.grace_ms);
  await Promise.race([agent.exited, pause(5_000)]);
  progress = followedToEnd(progress, lines);
  warnings.push(...endingWarnings(agent, progress, stop));
  latest = save({ dispatch: { ...latest.dispatch, ...exitSeen() } });

  const { result } = progress;
  if (latest.request.commit && result !== undefined && !result.is_error && latest.stopping === null) {
    warnings.push(...(await commit(folder, latest, ask, poked)));
    warnings.push(...(await sweep(folder, latest, latest.request.grace_ms))); // what its hooks left
  }
  await conclude(folder, latest, ask, {
    progress,
    started: true,
    exit: agent.exit(),
    warnings,
    finishedAt: new Date(),
  });
}

/** Follows the stream until claude has ended (no `stop`) or is to be ended. */
async function attend(
  folder: string,
  record: DispatchRecord,
  agent: AgentProcess,
  lines: ReturnType<typeof openLines>,
  poked: Poked,
): Promise<{ readonly progress: DispatchProgress; readonly stop: Stop | undefined }> {
  const { timeout_ms, grace_ms, linger_ms } = record.request;
  // Not Date: a clock that is set, or a machine that sleeps, takes nothing of the agent's time.
  const startedAt = performance.now();
  let progress = noProgress;
  let activeAt = startedAt;
  for (;;) {
    const position = lines.position();
    progress = followed(progress, lines.next());
    if (agent.exit() !== undefined) return { progress, stop: undefined };
    if (lines.position() > position) activeAt = performance.now();
    const isDone = progress.result !== undefined;
    const asked = stopRequest(folder, record, poked);
    if (asked !== undefined) return { progress, stop: { ...asked, cause: isDone ? undefined : asked.cause } };
    if (performance.now() - startedAt >= timeout_ms) {
      return { progress, stop: { cause: isDone ? undefined : 'timeout', graceMs: grace_ms } };
    }
    if (isDone && performance.now() - activeAt >= linger_ms) {
      return { progress, stop: { cause: undefined, graceMs: grace_ms } };
    }
    const left = Math.max(0, timeout_ms - (performance.now() - startedAt));
    await Promise.race([agent.exited, poked.next(), pause(Math.min(lookMs, left))]);
  }
}

/** Ends everything the run started; a request to stop with less grace, made meanwhile, cuts it short. */
async function sweep(folder: string, record: DispatchRecord, graceMs: number): Promise<Warning[]> {
  const startedAt = performance.now();
  const impatience = new AbortController();
  const watch = setInterval(() => {
    const asked = readStop(folder);
    if (asked !== undefined && performance.now() - startedAt >= asked.grace_ms) impatience.abort();
  }, lookMs);
  try {
    const ended = await endTree({
      roots: record.claude === null ? [] : [record.claude],
      marker: record.marker,
      graceMs,
      signal: impatience.signal,
    });
    return processWarnings(ended, record.dispatch.pid ?? undefined);
  } finally {
    clearInterval(watch);
  }
}

function endingWarnings(
  agent: AgentProcess,
  { result }: DispatchProgress,
  stop: Stop | undefined,
): Warning[] {
  if (result === undefined || result.is_error) return [];
  if (stop !== undefined) {
    return [{ code: 'claude_lingered', message: 'claude did not end after its result, and was ended' }];
  }
  const exit = agent.exit();
  if (exit?.code === 0) return [];
  const how = exit?.signal ?? `exit code ${exit?.code}`;
  return [{ code: 'exit_code', message: `claude ended with ${how} after a successful result` }];
}

async function commit(folder: string, record: DispatchRecord, ask: Ask, poked: Poked): Promise<Warning[]> {
  const end = new AbortController();
  const watch = setInterval(() => {
    if (stopRequest(folder, record, poked) !== undefined) end.abort('SIGTERM');
  }, lookMs);
  const limit = setTimeout(() => end.abort('SIGTERM'), commitMs);
  try {
    return await commitLeftovers(ask, record, readSnapshot(folder), end.signal);
  } finally {
    clearInterval(watch);
    clearTimeout(limit);
  }
}

function stopRequest(folder: string, record: DispatchRecord, poked: Poked): Stop | undefined {
  const request = readStop(folder);
  if (request !== undefined) return { cause: request.cause, graceMs: request.grace_ms };
  return poked.terminated() ? { cause: 'cancelled', graceMs: record.request.grace_ms } : undefined;
}

type Poked = {
  /** Whether SIGTERM came. */
  readonly terminated: () => boolean;
  /** Resolves with the next SIGTERM. */
  readonly next: () => Promise<void>;
};

/** SIGTERM ends the run; a closed terminal or a Ctrl-C, which cannot reach this session anyway, do not. */
function listenForTermination(): Poked {
  let terminated = false;
  let wake = () => {};
  process.on('SIGTERM', () => {
    terminated = true;
    wake();
  });
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  return {
    terminated: () => terminated,
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}
