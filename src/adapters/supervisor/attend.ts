import type { StopCause } from '../../domain/dispatch.ts';
import type { DispatchProgress } from '../../domain/dispatch-progress.ts';
import type { AgentProcess } from './agent-process.ts';
import type { StreamReading } from './reading.ts';
import { lookMs, type Supervised } from './supervised.ts';

/** That claude is to be ended; without a cause it had given its result already. */
export type Stop = { readonly cause: StopCause | undefined; readonly graceMs: number };

export type Attending = {
  readonly reading: StreamReading;
  readonly eachLook: () => void;
  /** How long this claude had run already before it was attended. */
  readonly ranMs: number;
};

export type Attended = {
  /** `undefined` when claude ended by itself. */
  readonly stop: Stop | undefined;
  /** How long this claude has run. */
  readonly ranMs: number;
};

/** Follows claude's stream until claude has ended or is to be ended: asked for, out of time, or silent for too long. */
export async function attend(
  run: Supervised,
  agent: AgentProcess,
  { reading, eachLook, ranMs }: Attending,
): Promise<Attended> {
  const { timeout_ms, grace_ms, linger_ms, stall_ms } = run.record().request;
  const left = timeout_ms - run.record().ran_ms - ranMs;
  // Not Date: a clock that is set, or a machine that sleeps, takes nothing of the agent's time.
  const startedAt = performance.now();
  const quiet = openQuiet(startedAt);
  void agent.gone.then(run.wake);
  for (;;) {
    run.catchUp();
    const isGone = agent.isGone();
    const hasMore = reading.read();
    const now = performance.now();
    const progress = reading.progress();
    quiet.look(now, reading.position(), progress);
    const attended = (stop: Stop | undefined): Attended => ({ stop, ranMs: ranMs + (now - startedAt) });
    if (isGone) return attended(undefined);
    const isDone = progress.result !== undefined;
    const stop = (cause: StopCause | undefined, graceMs = grace_ms): Attended =>
      attended({ cause: isDone ? undefined : cause, graceMs });
    const asked = run.stopRequest();
    if (asked !== undefined) return stop(asked.cause, asked.graceMs);
    if (now - startedAt >= left) return stop('timeout');
    if (isDone && quiet.since(now) >= linger_ms) return stop(undefined);
    if (!isDone && !hasMore && stall_ms !== null && quiet.stalledFor(now) >= stall_ms) return stop('stalled');
    eachLook();
    const rest = Math.max(0, left - (performance.now() - startedAt));
    const wait = hasMore ? 0 : Math.min(lookMs, rest, Math.max(20, (stall_ms ?? lookMs) / 2));
    await run.idle(wait);
  }
}

/** How long claude has been silent. A tool at work, or a wait for the API that was announced, is no stall. */
function openQuiet(startedAt: number) {
  let position = -1;
  let activeAt = startedAt;
  let heldUntil = startedAt;
  let retry: DispatchProgress['retry'];
  let isAtWork = false;
  return {
    look: (now: number, at: number, progress: DispatchProgress) => {
      if (at !== position) activeAt = now;
      position = at;
      if (progress.retry !== retry && progress.retry !== undefined) heldUntil = now + progress.retry.delayMs;
      retry = progress.retry;
      if (isAtWork) activeAt = now;
      isAtWork = progress.openTools.length > 0;
    },
    since: (now: number) => now - activeAt,
    stalledFor: (now: number) => now - Math.max(activeAt, heldUntil),
  };
}
