import { setTimeout as pause } from 'node:timers/promises';
import type { StopCause } from '../../domain/dispatch.ts';
import { type DispatchProgress, noProgress } from '../../domain/dispatch-progress.ts';
import type { AgentProcess } from './agent-process.ts';
import { followed } from './conclude.ts';
import type { GrowingLines } from './lines.ts';
import { lookMs, type Supervised } from './supervised.ts';

/** That claude is to be ended; without a cause it had given its result already. */
export type Stop = { readonly cause: StopCause | undefined; readonly graceMs: number };

export type Attended = {
  readonly progress: DispatchProgress;
  /** `undefined` when claude ended by itself. */
  readonly stop: Stop | undefined;
};

/** Follows claude's stream until claude has ended or is to be ended: asked for, out of time, or silent after its result. */
export async function attend(
  run: Supervised,
  agent: AgentProcess,
  lines: GrowingLines,
  eachLook: () => void,
): Promise<Attended> {
  const { timeout_ms, grace_ms, linger_ms } = run.record().request;
  // Not Date: a clock that is set, or a machine that sleeps, takes nothing of the agent's time.
  const startedAt = performance.now();
  let progress = noProgress;
  let activeAt = startedAt;
  for (;;) {
    const position = lines.position();
    progress = followed(progress, lines.next());
    if (agent.exit() !== undefined) return { progress, stop: undefined };
    const now = performance.now();
    if (lines.position() > position) activeAt = now;
    const isDone = progress.result !== undefined;
    const stop = (cause: StopCause | undefined, graceMs = grace_ms): Attended => ({
      progress,
      stop: { cause: isDone ? undefined : cause, graceMs },
    });
    const asked = run.stopRequest();
    if (asked !== undefined) return stop(asked.cause, asked.graceMs);
    if (now - startedAt >= timeout_ms) return stop('timeout');
    if (isDone && now - activeAt >= linger_ms) return stop(undefined);
    eachLook();
    const left = Math.max(0, timeout_ms - (performance.now() - startedAt));
    await Promise.race([agent.exited, run.poked(), pause(Math.min(lookMs, left))]);
  }
}
