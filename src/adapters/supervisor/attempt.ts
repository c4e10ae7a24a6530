import { setTimeout as pause } from 'node:timers/promises';
import { withAttemptEnded, withLastAttempt } from '../../domain/attempts.ts';
import { isStructured } from '../../domain/dispatch.ts';
import type { DispatchProgress } from '../../domain/dispatch-progress.ts';
import { type Exit, failureOfClaude } from '../../domain/dispatch-verdict.ts';
import type { Warning } from '../../domain/warning.ts';
import { identify } from '../processes.ts';
import { type AgentProcess, adoptAgent, startAgent } from './agent-process.ts';
import { attend, type Stop } from './attend.ts';
import { processWarnings } from './conclude.ts';
import { prepareAttempt, type Start } from './prepare-attempt.ts';
import { openReading } from './reading.ts';
import { afterStart, eachLook } from './stages.ts';
import type { Supervised } from './supervised.ts';
import { openSweep } from './sweep.ts';

/** How a claude ended, or that it could not be started. */
export type Attempted =
  | { readonly kind: 'fault'; readonly fault: string }
  | {
      readonly kind: 'ended';
      readonly progress: DispatchProgress;
      readonly exit: Exit | undefined;
      /** `undefined` when it ended by itself. */
      readonly stop: Stop | undefined;
    };

/** One claude of a run from its start to its end, with everything it has started; the record says both. */
export async function attempt(run: Supervised, start: Start): Promise<Attempted> {
  const prepared = prepareAttempt(run, start);
  const agent = await startAgent(run.folder, run.record(), prepared);
  if ('fault' in agent) {
    run.saveDispatch(withLastAttempt(run.record().dispatch, { finished_at: run.now().toISOString() }));
    return { kind: 'fault', fault: agent.fault };
  }
  const dispatch = withLastAttempt(run.record().dispatch, { pid: agent.pid });
  run.save({
    phase: 'running',
    claude: identify(agent.pid) ?? null,
    dispatch: { ...dispatch, pid: agent.pid },
  });
  await afterStart(run);
  return accompany(run, agent, 0);
}

/** The same for a claude whose supervisor has died. */
export async function adoptedAttempt(run: Supervised): Promise<Attempted> {
  const { claude, dispatch } = run.record();
  if (claude === null) return { kind: 'fault', fault: 'nobody knows which process it was' };
  const startedAt = Date.parse(dispatch.attempts.at(-1)?.started_at ?? dispatch.started_at ?? '');
  return accompany(run, adoptAgent(claude), Math.max(0, Date.now() - startedAt || 0));
}

async function accompany(run: Supervised, agent: AgentProcess, ranMs: number): Promise<Attempted> {
  const { request, stream_offset, claude } = run.record();
  const sweep = openSweep(run, claude);
  const reading = openReading(run.folder, stream_offset);
  try {
    const attended = await attend(run, agent, { reading, eachLook: eachLook(run, sweep), ranMs });
    const { stop } = attended;
    if (stop?.cause !== undefined) run.save({ phase: 'ending', stopping: stop.cause }); // before the first signal
    const ended = await sweep.end(stop?.graceMs ?? request.grace_ms);
    await Promise.race([agent.gone, pause(5_000)]); // longer only for one that is stuck in the kernel
    const progress = reading.readToEnd();
    const exit = agent.exit();
    const { dispatch, ran_ms, session_started, stopping } = run.record();
    const failure = failureOfClaude({
      ...{ started: true, fault: undefined, complaint: undefined, stopped: stopping ?? undefined },
      ...{ exit, result: progress.result, limit: progress.limit, isStructured: isStructured(request) },
    });
    const over = withAttemptEnded(dispatch, {
      ...{ progress, exit, reason: failure?.reason ?? null, finishedAt: run.now() },
    });
    const warnings = [...processWarnings(ended, agent.pid), ...endingWarnings(agent, progress, stop)];
    run.save({
      ran_ms: ran_ms + Math.round(attended.ranMs),
      session_started: session_started || progress.sessionId !== undefined,
      dispatch: { ...over, warnings: [...over.warnings, ...warnings] },
    });
    return { kind: 'ended', progress, exit, stop };
  } finally {
    reading.close();
  }
}

/** What was odd about the end of a claude that had succeeded. */
function endingWarnings(
  agent: AgentProcess,
  { result }: DispatchProgress,
  stop: Stop | undefined,
): Warning[] {
  if (result === undefined || result.is_error) return [];
  if (stop !== undefined) {
    if (stop.cause !== undefined) return [];
    return [{ code: 'claude_lingered', message: 'claude did not end after its result, and was ended' }];
  }
  const exit = agent.exit();
  if (exit === undefined || exit.code === 0) return [];
  const how = exit.signal ?? `exit code ${exit.code}`;
  return [{ code: 'exit_code', message: `claude ended with ${how} after a successful result` }];
}
