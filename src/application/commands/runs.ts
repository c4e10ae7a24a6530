import * as z from 'zod';
import { newestFirst } from '../../domain/dispatch.ts';
import { defineCommand, many } from '../command.ts';
import { runsView } from '../dispatch-view.ts';
import { unreadableRuns } from '../run-selection.ts';

/** All runs of the repository, newest first, each as the evidence has it now. */
export const runs = defineCommand({
  name: 'runs',
  summary: 'List the dispatches, newest first',
  args: [],
  options: [],
  input: z.object({}),
  answer: async () => (await import('../../domain/answers/dispatch.ts')).DispatchAnswer,
  async run(ports) {
    const hub = await ports.hub();
    const records = await Promise.all((await hub.runs.list()).map(hub.supervisors.reconcile));
    const all = [...records.map(({ dispatch }) => dispatch), ...(await unreadableRuns(hub))];
    return many(all.sort((a, b) => newestFirst(a.dispatch_id ?? '', b.dispatch_id ?? '')));
  },
  // A list is an answer, whatever became of the runs in it; only one that could not be read is a failure of it.
  exitCode: (items) => {
    const unreadable = items.filter(({ status }) => status === null);
    if (unreadable.some(({ error }) => error?.code === 'state_too_new')) return 7;
    return unreadable.length > 0 ? 1 : 0;
  },
  isErrorTold: ({ status }) => status === null, // what became of the others stands in the table
  view: (items, options) => runsView(items, options),
});
