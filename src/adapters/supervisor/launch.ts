import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NewRun } from '../../application/ports/agent.ts';
import { agentSettings, settingsPlace } from '../../domain/agent-settings.ts';
import { blankDispatch, type DispatchRecord, newestRun, nextDispatchId } from '../../domain/dispatch.ts';
import { unrecorded } from '../../domain/orchestration/binding.ts';
import { asElsewhere, refusalByRun, runMarker } from '../../domain/run-evidence.ts';
import { worktreeName } from '../../domain/worktree.ts';
import type { HubContext } from '../context.ts';
import { livenessOf, ownIdentity } from '../processes.ts';
import { openRuns } from '../runs.ts';
import { unwritable } from '../unwritable.ts';
import { notifyMarkerName } from './notify.ts';
import { runFiles, writeRecord } from './run-folder.ts';

/** Makes the folder and the first record of a run; under the repository's lock. Throws `dispatch_running`. */
export async function prepareRun(context: HubContext, run: NewRun, entry: string): Promise<DispatchRecord> {
  const { repository, clock } = context;
  const runs = openRuns(repository.stateDir);
  const newest = newestRun(await runs.list(), run.worktree);
  const isUnseen = newest !== undefined && livenessOf(newest.supervisor ?? newest.launcher) === 'unknown';
  const { dispatch } = (isUnseen ? asElsewhere(newest) : newest) ?? {};
  const refused = refusalByRun('dispatch', worktreeName(run.worktree), dispatch);
  if (refused !== undefined) throw refused();
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
    writeFileSync(runFiles(folder).settings, settingsOf(run, entry), { mode: 0o600 });
    writeFileSync(runFiles(folder).prompt, run.prompt, { mode: 0o600 });
    writeFileSync(runFiles(folder).stream, '', { mode: 0o600 });
    writeRecord(folder, record);
    return record;
  } catch (error) {
    throw unwritable(repository.stateDir, error);
  }
}

/** The text of the settings under which the agent of a run is started. */
function settingsOf(run: NewRun, entry: string): string {
  const { worktree, request, settings, conflictWarning } = run;
  const self = [process.execPath, ...process.execArgv, entry];
  const { allow_outside: allowOutside, allow_push: allowPush } = request;
  const guard = { self, worktree: worktree.path, allowOutside, allowPush, conflictWarning };
  return JSON.stringify(agentSettings(guard, settings));
}

function firstRecord(run: NewRun, id: string, folder: string, now: Date): DispatchRecord {
  const { worktree, request } = run;
  const { settings } = runFiles(folder);
  const placed = (args: readonly string[]) => args.map((word) => (word === settingsPlace ? settings : word));
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
      orchestration: run.binding === undefined ? null : unrecorded(run.binding),
      warnings: [...(run.warnings ?? [])],
    },
    request: {
      ...request,
      args: placed(request.args),
      resume_args: placed(request.resume_args),
      escalated_args: placed(request.escalated_args),
      env: { ...request.env, WT_DISPATCH_ID: id },
    },
    git_dir: worktree.gitDir ?? null,
    ...(worktree.facts === undefined ? {} : { worktree_created_at: worktree.facts.created_at }),
    watched: [...run.watched],
    ...(run.binding === undefined ? {} : { binding: run.binding }),
    launcher: ownIdentity(),
    supervisor: null,
    claude: null,
    marker: { name: runMarker, value: randomUUID() },
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
export function startSupervisor(
  context: Pick<HubContext, 'variables'>,
  folder: string,
  entry: string,
): ChildProcess {
  const log = openSync(runFiles(folder).supervisor, 'a', 0o600);
  try {
    // A wt that an agent starts must not pass that agent's marker on: the run would be swept with it.
    const { [runMarker]: _, [notifyMarkerName]: __, WT_DISPATCH_ID: ___, ...env } = context.variables;
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
