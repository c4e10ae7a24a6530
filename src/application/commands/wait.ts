import * as z from 'zod';
import { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { TimeLimit } from '../../domain/config-values.ts';
import { type DispatchRecord, isCompleteWithWork } from '../../domain/dispatch.ts';
import { formatDuration } from '../../domain/duration.ts';
import { failures } from '../../domain/failure.ts';
import { errorBody } from '../../domain/warning.ts';
import { defineCommand, many, one } from '../command.ts';
import { summaryLine } from '../dispatch-view.ts';
import { type LiveLines, openLiveLines } from '../live-lines.ts';
import type { Hub, Ports } from '../ports.ts';
import { selectRuns } from '../run-selection.ts';

/** Waits until runs have ended; what runs is not touched, also when the wait itself is ended. */
export const wait = defineCommand({
  name: 'wait',
  summary: 'Wait until dispatches have ended',
  description:
    'Without a run it waits for all that run. Exit: 0 when all (with --any the first to end) are complete with\n' +
    'work, 1 when one is not, 124 out of time.\n\n  wt wait\n  wt wait 6 7 --any --timeout 600',
  args: [{ name: 'run', summary: 'a dispatch id or a worktree (its newest dispatch)', variadic: true }],
  options: [
    { flags: '--any', summary: 'only until the first of them has ended' },
    { flags: '--timeout <secs>', summary: 'give up after so long' },
  ],
  input: z.object({
    run: z.array(z.string()).default([]),
    any: z.boolean().default(false),
    timeout: TimeLimit.optional(),
  }),
  answer: DispatchAnswer,
  async run(ports, { run, any, timeout }) {
    const hub = await ports.hub();
    const records =
      run.length === 0
        ? (await Promise.all((await hub.runs.list()).map(hub.supervisors.reconcile))).filter(isOpen)
        : await selectRuns(ports, hub, run);
    if (records.length === 0) ports.narrator.note('nothing runs');
    const enough = new AbortController();
    const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
    const { signal } = ports.narrator;
    const until = AbortSignal.any([signal, enough.signal, ...(limit === undefined ? [] : [limit])]);
    const live = openLiveLines(ports.narrator);
    const ended = await Promise.all(
      records.map(async (record) => {
        const last = await ending(ports, hub, record, until, live);
        if (any && !isOpen(last)) enough.abort();
        return last;
      }),
    );
    if (signal.aborted) throw failures.interrupted(String(signal.reason));
    const gaveUp = limit?.aborted === true && (any ? ended.every(isOpen) : ended.some(isOpen));
    const answers = ended.map((record) => {
      const { dispatch } = record;
      if (!gaveUp || !isOpen(record)) return dispatch;
      return { ...dispatch, error: errorBody(failures.timeout(dispatch.dispatch_id ?? '', timeout ?? 0)) };
    });
    const [only] = answers;
    return run.length === 1 && only !== undefined ? one(only) : many(answers);
  },
  exitCode: (answers) => {
    const over = answers.filter(({ status }) => status !== 'running');
    if (!over.every(isCompleteWithWork)) return 1;
    return answers.some(({ status, error }) => status === 'running' && error !== null) ? 124 : 0;
  },
  view: (answers, { color }) => answers.map((answer) => summaryLine(answer, color)).join('\n'),
});

const isOpen = ({ phase }: DispatchRecord) => phase !== 'ended';

/** The last record of a run, or the one it has when the wait is over. */
async function ending(
  { clock }: Ports,
  hub: Hub,
  record: DispatchRecord,
  signal: AbortSignal,
  live: LiveLines,
): Promise<DispatchRecord> {
  const { dispatch_id: id, branch, started_at } = record.dispatch;
  let last = record;
  for await (const news of await hub.supervisors.follow(id ?? '', { lines: false, wait: true, signal })) {
    if (news.kind === 'record') last = news.record;
    const elapsed = clock.now().getTime() - Date.parse(started_at ?? '');
    live.set(id ?? '', `${id}  ${branch ?? ''}  ${formatDuration(elapsed)}`);
  }
  live.clear(id ?? '');
  return last;
}
