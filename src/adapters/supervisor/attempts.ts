import type { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { withLastAttempt } from '../../domain/attempts.ts';
import type { StopCause } from '../../domain/dispatch.ts';
import { nextStep } from '../../domain/next-attempt.ts';
import { limitBehind } from '../../domain/rate-limit.ts';
import { type Attempted, attempt } from './attempt.ts';
import { runCheck } from './check.ts';
import { afterPark } from './stages.ts';
import type { Supervised } from './supervised.ts';
import { waitUntil } from './waiting.ts';

/** Everything that follows the first attempt: checks, waits, and further attempts. Gives the last one. */
export async function workedOn(run: Supervised, first: Attempted): Promise<Attempted> {
  for (let last = first; ; ) {
    if (last.kind === 'fault' || last.stop?.cause !== undefined) return last;
    const { dispatch, request, ran_ms: ranMs } = run.record();
    const { result, limit } = last.progress;
    const resetsAt = result === undefined ? undefined : limitBehind(result, limit)?.resetsAt;
    const apiStatus = result?.api_error_status ?? undefined;
    const step = nextStep(
      { request, attempts: dispatch.attempts, ranMs, apiStatus, resetsAt },
      { now: new Date(), random: Math.random() },
    );
    switch (step.kind) {
      case 'finish':
        return last;
      case 'out-of-time':
        return stopped(run, 'timeout', last);
      case 'check': {
        const asked = await checked(run, request.until?.command ?? 'false');
        if (asked !== undefined) return stopped(run, asked, last);
        break;
      }
      case 'go-on':
        last = await attempt(run, { cause: 'check', escalated: step.escalated });
        break;
      case 'retry':
      case 'park': {
        const isLimit = step.kind === 'park';
        const until = step.kind === 'park' ? step.until : new Date(Date.now() + step.afterMs);
        park(run, isLimit ? { reason: 'rate_limited', resets_at: timestamp(resetsAt) } : {});
        if (isLimit) await afterPark(run);
        const asked = await waitUntil(run, until);
        if (asked !== undefined) return stopped(run, asked.cause, last);
        last = await attempt(run, { cause: isLimit ? 'limit' : 'retry', escalated: step.escalated });
      }
    }
  }
}

/** The run waits, and has no claude. */
function park(run: Supervised, why: Partial<DispatchAnswer>): void {
  run.save({ phase: 'parked', claude: null, dispatch: { ...run.record().dispatch, ...why, pid: null } });
}

const timestamp = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());

/** Checks the work of the last attempt; gives why that was cut short. */
async function checked(run: Supervised, command: string): Promise<StopCause | undefined> {
  run.save({ phase: 'checking', claude: null, dispatch: { ...run.record().dispatch, pid: null } });
  const { check, warnings, asked } = await runCheck(run, command);
  if (asked !== undefined) return asked.cause;
  const dispatch = withLastAttempt(run.record().dispatch, { check });
  run.saveDispatch({ ...dispatch, warnings: [...dispatch.warnings, ...warnings] });
  return undefined;
}

/** Ends a run that has no claude now. */
export function stopped(run: Supervised, cause: StopCause, last?: Attempted): Attempted {
  run.save({ phase: 'ending', stopping: cause });
  return last ?? { kind: 'fault', fault: 'it was cancelled' };
}
