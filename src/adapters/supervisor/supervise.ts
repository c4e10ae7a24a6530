import { setTimeout as pause } from 'node:timers/promises';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import { noProgress } from '../../domain/dispatch-progress.ts';
import { isDirtyAt, type Snapshot } from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { openAsk } from '../git/ask.ts';
import { endTree, identify, ownIdentity } from '../processes.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { type Attended, attend } from './attend.ts';
import { commitLeftovers } from './commit.ts';
import { busyCheckouts, conclude, followedToEnd, processWarnings } from './conclude.ts';
import { openLines } from './lines.ts';
import { claim, runFiles, writeSnapshot } from './run-folder.ts';
import { lookMs, openSupervised, type Supervised } from './supervised.ts';
import { openSweep } from './sweep.ts';
import { takeSnapshot } from './work-done.ts';

/** How long a commit's hooks may take. */
const commitMs = 30 * 60_000;

/**
 * The life of one run: owns claude from its start to the final record. Runs as a detached process of its own, so
 * that it outlives the command and the terminal that started it. Imports nothing on demand: wt may be replaced
 * while it runs.
 */
export async function superviseRun(folder: string): Promise<void> {
  const run = openSupervised(folder, ({ dispatch }) =>
    openAsk({ cwd: dispatch.worktree_path ?? '/', variables: process.env }),
  );
  if (!claim(folder)) return; // somebody found the launcher dead and gave the run up
  run.save({ supervisor: ownIdentity(), phase: 'starting' });
  const snapshot = await snapshotOf(run);
  const cancelled = run.stopRequest()?.cause;
  const agent =
    cancelled === undefined ? await startAgent(folder, run.record()) : { fault: 'it was cancelled' };
  if ('fault' in agent) {
    const record = run.save({ phase: 'ending', stopping: cancelled ?? null });
    const nothing = { progress: noProgress, started: false, exit: undefined, warnings: [] };
    await conclude(folder, record, run.ask, { ...nothing, fault: agent.fault, finishedAt: new Date() });
    return;
  }
  try {
    await accompany(run, agent, snapshot);
  } catch (error) {
    // A full disk, or a bug: claude must not go on without anybody who watches it.
    const { claude, marker } = run.record();
    await endTree({ roots: claude === null ? [] : [claude], marker, graceMs: 0 });
    throw error;
  }
}

async function snapshotOf(run: Supervised): Promise<Snapshot> {
  const { watched, dispatch } = run.record();
  const busy = await busyCheckouts(run.folder, run.record());
  const others = watched.filter((path) => !busy.has(path));
  const snapshot = await takeSnapshot(run.ask, dispatch.worktree_path ?? '/', others);
  writeSnapshot(run.folder, snapshot);
  return snapshot;
}

async function accompany(run: Supervised, agent: AgentProcess, { own }: Snapshot): Promise<void> {
  const { pid } = agent;
  const dispatch = (change: Partial<DispatchRecord['dispatch']>) => ({
    dispatch: { ...run.record().dispatch, ...change },
  });
  const uncommitted_changes = 'fault' in own ? null : isDirtyAt(own.fingerprint);
  run.save({ phase: 'running', claude: identify(pid) ?? null, ...dispatch({ pid, uncommitted_changes }) });

  const sweep = openSweep(run);
  const lines = openLines(runFiles(run.folder).stream);
  const attended = await attend(run, agent, lines, sweep.look);
  const { stop } = attended;
  const seen = () =>
    dispatch({ exit_code: agent.exit()?.code ?? null, signal: agent.exit()?.signal ?? null });
  run.save({ phase: 'ending', stopping: stop?.cause ?? null, ...seen() }); // before the first signal
  const { grace_ms, commit } = run.record().request;
  const ended = await sweep.end(stop?.graceMs ?? grace_ms);
  await Promise.race([agent.exited, pause(5_000)]); // longer only for one that is stuck in the kernel
  run.save(seen());

  const progress = followedToEnd(attended.progress, lines);
  const warnings = [...processWarnings(ended, pid), ...endingWarnings(agent, { ...attended, progress })];
  const isSuccess = progress.result?.is_error === false && run.record().stopping === null;
  if (commit && isSuccess) {
    warnings.push(...(await commitAll(run)));
    warnings.push(...processWarnings(await sweep.end(grace_ms), pid)); // what its hooks left
  }
  await conclude(run.folder, run.record(), run.ask, {
    progress,
    started: true,
    exit: agent.exit(),
    warnings,
    finishedAt: new Date(),
  });
}

/** What was odd about the end of a claude that had succeeded. */
function endingWarnings(agent: AgentProcess, { progress: { result }, stop }: Attended): Warning[] {
  if (result === undefined || result.is_error) return [];
  if (stop !== undefined) {
    if (stop.cause !== undefined) return [];
    return [{ code: 'claude_lingered', message: 'claude did not end after its result, and was ended' }];
  }
  const exit = agent.exit();
  if (exit?.code === 0) return [];
  const how = exit?.signal ?? `exit code ${exit?.code}`;
  return [{ code: 'exit_code', message: `claude ended with ${how} after a successful result` }];
}

/** Commits what the agent left; a request to stop ends also that. */
async function commitAll(run: Supervised): Promise<Warning[]> {
  const end = new AbortController();
  const watch = setInterval(() => {
    if (run.stopRequest() !== undefined) end.abort('SIGTERM');
  }, lookMs);
  const limit = setTimeout(() => end.abort('SIGTERM'), commitMs);
  try {
    return await commitLeftovers(run, end.signal);
  } finally {
    clearInterval(watch);
    clearTimeout(limit);
  }
}
