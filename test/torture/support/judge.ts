import type { DispatchRecord } from '../../../src/domain/dispatch.ts';
import type { Deeds } from './deeds.ts';
import type { Done } from './evidence.ts';

/** What was wrong with the record of a run, measured by what its agent did and what was done to it. */
export function untruths(record: DispatchRecord, done: readonly Done[], deeds: Deeds): string[] {
  const { dispatch, phase, request } = record;
  const { status, reason } = dispatch;
  const id = dispatch.dispatch_id ?? '';
  const wrong: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) wrong.push(`${id} is ${status} ${reason}: ${what}`);
  };

  must(phase === 'ended', `its phase is ${phase}`);
  must(dispatch.finished_at !== null, 'it has no end');
  const wasAsked = deeds.asked.some(
    ({ branch, from, to }) =>
      (branch === undefined || branch === dispatch.branch) &&
      Date.parse(dispatch.started_at ?? '') <= to &&
      Date.parse(dispatch.finished_at ?? '') >= from,
  );
  const starts = done.filter(({ act }) => act === 'start').length;
  const last = done.slice(done.findLastIndex(({ act }) => act === 'start'));
  const result = last.findLast((entry) => entry.act === 'result' || entry.act === 'result-begun');
  const isDone = result?.act === 'result' && !result.error;
  const isUnclear = result?.act === 'result-begun' && !result.error; // killed as it wrote that
  const killedSupervisor = deeds.killed.supervisors.has(id);
  const killedAgent = deeds.killed.agents.has(id);
  const died = done.some(({ act }) => act === 'dying');

  if (isDone && !wasAsked) {
    must(status === 'complete', 'its agent gave its result, and nobody asked for its end');
  }
  if (status === 'complete') {
    must(isDone || isUnclear, 'its agent never gave a result');
    const committed = done.some(({ act }) => act === 'committed');
    if (committed) must(reason === null, 'its agent committed');
    if (reason === null) must((dispatch.commits ?? 0) > 0, 'there are no commits');
    if (reason === 'no_commits') must(!done.some(({ act }) => act === 'wrote'), 'its agent wrote files');
  }
  if (status === 'failed') {
    switch (reason) {
      case 'cancelled':
        must(wasAsked, 'nobody asked for that');
        break;
      case 'timeout':
        must((dispatch.duration_ms ?? 0) >= request.timeout_ms - 50, `it ran ${dispatch.duration_ms} ms`);
        must(!isDone, 'its agent was done');
        break;
      case 'stalled':
        must(request.stall_ms !== null, 'nobody set such a limit');
        break;
      case 'lost':
        must(killedSupervisor || starts === 0, 'its supervisor was never killed');
        break;
      case 'not_started':
        must(starts === 0, 'its agent was started');
        break;
      case 'api_error':
        must(
          last.some((entry) => (entry.act === 'result' || entry.act === 'result-begun') && entry.error),
          'there was no such error',
        );
        break;
      case 'error':
        must(killedAgent || died, 'its agent neither died nor was killed');
        break;
      default:
        must(false, 'no agent of this test ends like that');
    }
  }
  return wrong;
}
