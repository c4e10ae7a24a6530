import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NewRun } from '../../application/ports/agent.ts';
import { blankDispatch, type DispatchRecord, newestRun, nextDispatchId } from '../../domain/dispatch.ts';
import { failures } from '../../domain/failure.ts';
import { worktreeName } from '../../domain/worktree.ts';
import type { HubContext } from '../context.ts';
import { ownIdentity } from '../processes.ts';
import { openRuns } from '../runs.ts';
import { unwritable } from '../unwritable.ts';
import { runFiles, writeRecord } from './run-folder.ts';

const markerName = 'WT_DISPATCH_MARKER';

/** Makes the folder and the first record of a run; under the repository's lock. Throws `dispatch_running`. */
export async function prepareRun(context: HubContext, run: NewRun): Promise<DispatchRecord> {
  const { repository, clock } = context;
  const runs = openRuns(repository.stateDir);
  const newest = newestRun(await runs.list(), run.worktree);
  if (newest !== undefined && newest.phase !== 'ended') {
    throw failures.dispatchRunning(worktreeName(run.worktree), newest.dispatch.dispatch_id ?? '');
  }
  const [unreadable] = await runs.unreadable();
  if (unreadable !== undefined) throw unreadable.failure; // it may be running, and in this worktree
  const now = clock.now();
  try {
    const root = dirname(runs.folder('any'));
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const id = nextDispatchId(now, readdirSync(root));
    const folder = join(root, id);
    mkdirSync(folder, { mode: 0o700 });
    const record = firstRecord(run, id, folder, now);
    writeFileSync(runFiles(folder).prompt, run.prompt, { mode: 0o600 });
    writeFileSync(runFiles(folder).stream, '', { mode: 0o600 });
    writeRecord(folder, record);
    return record;
  } catch (error) {
    throw unwritable(repository.stateDir, error);
  }
}

function firstRecord(run: NewRun, id: string, folder: string, now: Date): DispatchRecord {
  const { worktree, request } = run;
  return {
    version: 1,
    phase: 'preparing',
    dispatch: {
      ...blankDispatch,
      dispatch_id: id,
      worktree_path: worktree.path,
      branch: worktree.branch ?? null,
      project_id: worktree.facts?.project_id ?? null,
      status: 'running',
      session_id: run.sessionId,
      base_sha: worktree.facts?.base_sha ?? null,
      start_sha: worktree.head,
      head_sha: worktree.head,
      commits: 0,
      started_at: now.toISOString(),
      log_path: runFiles(folder).stream,
    },
    request: { ...request, env: { ...request.env, WT_DISPATCH_ID: id } },
    git_dir: worktree.gitDir ?? null,
    watched: [...run.watched],
    launcher: ownIdentity(),
    supervisor: null,
    claude: null,
    marker: { name: markerName, value: randomUUID() },
    stopping: null,
    session_started: request.resume,
    stream_offset: 0,
    ran_ms: 0,
    announced: false,
  };
}

/**
 * Starts the supervisor of a run: this same program, in a session of its own, with no stream of its starter, in
 * a directory that nobody wants to remove.
 */
export function startSupervisor(context: HubContext, folder: string, entry: string): ChildProcess {
  const log = openSync(runFiles(folder).supervisor, 'a', 0o600);
  try {
    // A wt that an agent starts must not pass that agent's marker on: the run would be swept with it.
    const { [markerName]: _, WT_DISPATCH_ID: __, ...env } = context.variables;
    const child = spawn(process.execPath, [...process.execArgv, entry, '__supervise', folder], {
      cwd: '/',
      env,
      detached: true,
      stdio: ['ignore', 'ignore', log],
    });
    child.on('error', () => {}); // seen by its having no pid
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}
