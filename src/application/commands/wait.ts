import * as z from 'zod';
import { TimeLimit } from '../../domain/config-values.ts';
import { type DispatchRecord, isCompleteWithWork } from '../../domain/dispatch.ts';
import { noProgress } from '../../domain/dispatch-progress.ts';
import { errorBody } from '../../domain/error-body.ts';
import { failures } from '../../domain/failure.ts';
import { isElsewhere } from '../../domain/run-evidence.ts';
import { defineCommand, many, one } from '../command.ts';
import { summaryLine } from '../dispatch-view.ts';
import { openLiveLines } from '../live-lines.ts';
import type { Hub, Ports } from '../ports.ts';
import { nameColumn, progressLine } from '../progress-view.ts';
import { selectRuns } from '../run-selection.ts';

/** Waits until runs have ended; what runs is not touched, also when the wait itself is ended. */
export const wait = defineCommand({
  name: 'wait',
  summary: 'Wait until dispatches have ended',
  description:
    'Without a run it waits for all that run. With --any one that had ended before counts, and those that go on are\n' +
    'in the answer as running. Exit: 0 when all (with --any those that have ended) are complete with work, 1 when\n' +
    'one is not, 124 out of time.\n\n  wt wait\n  wt wait 6 7 --any --timeout 600',
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
  answer: async () => (await import('../../domain/answers/dispatch.ts')).DispatchAnswer,
  async run(ports, { run, any, timeout }) {
    const hub = await ports.hub();
    const records = await chosen(ports, hub, run);
    if (records.length === 0) ports.narrator.note('nothing runs');
    for (const { dispatch } of records.filter((record) => isElsewhere(record.dispatch)))
      for (const { message } of dispatch.warnings) ports.narrator.warn(`${dispatch.dispatch_id}: ${message}`);
    const enough = new AbortController();
    const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
    const { signal } = ports.narrator;
    const until = AbortSignal.any([signal, enough.signal, ...(limit === undefined ? [] : [limit])]);
    const show = openShow(ports, records);
    const ended = await Promise.all(
      records.map(async (record) => {
        const last = await ending(hub, record, until, show);
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

/** The runs to wait for. One that ends while they are looked up counts: this wait may be the first to hear of it. */
async function chosen(ports: Ports, hub: Hub, run: readonly string[]): Promise<readonly DispatchRecord[]> {
  if (run.length === 0) {
    for (const { failure } of await hub.runs.unreadable()) ports.narrator.warn(failure.message);
  }
  const records =
    run.length === 0 ? (await hub.runs.list()).filter(isOpen) : await selectRuns(ports, hub, run);
  return Promise.all(records.map(hub.supervisors.reconcile));
}

type Show = { readonly set: (record: DispatchRecord) => void; readonly clear: (id: string) => void };

function openShow({ narrator, clock }: Ports, records: readonly DispatchRecord[]): Show {
  const live = openLiveLines(narrator);
  const { columns } = narrator.tty;
  const name = ({ dispatch }: DispatchRecord) => dispatch.branch ?? dispatch.dispatch_id ?? '';
  const label = nameColumn(records.map(name), columns);
  return {
    set: (record) => {
      const line = progressLine(label(name(record)), record, noProgress, { now: clock.now(), columns });
      live.set(record.dispatch.dispatch_id ?? '', line);
    },
    clear: live.clear,
  };
}

/** The last record of a run, or the one it has when the wait is over. */
async function ending(
  hub: Hub,
  record: DispatchRecord,
  signal: AbortSignal,
  show: Show,
): Promise<DispatchRecord> {
  const id = record.dispatch.dispatch_id ?? '';
  let last = record;
  for await (const news of await hub.supervisors.follow(id, { lines: false, wait: true, signal })) {
    if (news.kind === 'record') last = news.record;
    if (news.kind === 'tick') show.set(last);
  }
  show.clear(id);
  return last;
}
