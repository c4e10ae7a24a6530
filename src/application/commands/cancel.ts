import * as z from 'zod';
import type { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { Grace } from '../../domain/config-values.ts';
import { errorBody } from '../../domain/error-body.ts';
import { failures, isFailure } from '../../domain/failure.ts';
import { defineCommand, many, one } from '../command.ts';
import { summaryLine } from '../dispatch-view.ts';
import { selectRuns, unreadableRuns } from '../run-selection.ts';

/** Ends runs and everything they started; also those whose supervisor is dead. */
export const cancel = defineCommand({
  name: 'cancel',
  summary: 'End dispatches and everything they started',
  description: 'One that has ended already is left as it is.\n\n  wt cancel 6\n  wt cancel -a --grace 0',
  args: [{ name: 'run', summary: 'a dispatch id or a worktree (its newest dispatch)', variadic: true }],
  options: [
    { flags: '-a, --all', summary: 'all that run' },
    { flags: '--grace <secs>', summary: 'between asking and killing (10)' },
  ],
  input: z.object({
    run: z.array(z.string()).default([]),
    all: z.boolean().default(false),
    grace: Grace.optional(),
  }),
  answer: async () => (await import('../../domain/answers/dispatch.ts')).DispatchAnswer,
  async run(ports, { run, all, grace }) {
    if (all === run.length > 0) {
      throw failures.usage(all ? '-a and a run exclude each other' : 'which run?', 'wt cancel <run>…|-a');
    }
    const hub = await ports.hub();
    const { config } = await ports.config();
    const graceMs = Math.round((grace ?? config.dispatch.grace) * 1000);
    const records = all
      ? (await hub.runs.list()).filter(({ phase }) => phase !== 'ended')
      : await selectRuns(ports, hub, run, { prefixForScripts: false });
    const answers = await Promise.all(
      records.map(async (record): Promise<DispatchAnswer> => {
        try {
          const { dispatch } = await hub.supervisors.stop(record, 'cancelled', graceMs);
          if (dispatch.status !== 'running') return { ...dispatch, error: null }; // that it failed was the aim
          return { ...dispatch, error: errorBody(failures.stillRunning(dispatch.dispatch_id ?? '')) };
        } catch (failure) {
          if (!isFailure(failure) || (!all && run.length === 1)) throw failure;
          return { ...record.dispatch, error: errorBody(failure) };
        }
      }),
    );
    if (all) answers.push(...(await unreadableRuns(hub)));
    if (answers.length === 0) ports.narrator.note('nothing runs');
    for (const { warnings } of answers) for (const { message } of warnings) ports.narrator.warn(message);
    const [only] = answers;
    return !all && run.length === 1 && only !== undefined ? one(only) : many(answers);
  },
  view: (answers, { color }) => answers.map((answer) => summaryLine(answer, color)).join('\n'),
});
