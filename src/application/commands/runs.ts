import * as z from 'zod';
import { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { blankDispatch, newestFirst } from '../../domain/dispatch.ts';
import { errorBody } from '../../domain/warning.ts';
import { defineCommand, many } from '../command.ts';
import { runsView } from '../dispatch-view.ts';

/** All runs of the repository, newest first, each as the evidence has it now. */
export const runs = defineCommand({
  name: 'runs',
  summary: 'List the dispatches, newest first',
  args: [],
  options: [],
  input: z.object({}),
  answer: DispatchAnswer,
  async run(ports) {
    const hub = await ports.hub();
    const records = await Promise.all((await hub.runs.list()).map(hub.supervisors.reconcile));
    const unreadable = (await hub.runs.unreadable()).map(({ dispatchId, failure }) => ({
      ...blankDispatch,
      dispatch_id: dispatchId,
      error: errorBody(failure),
    }));
    for (const { error } of unreadable) ports.narrator.warn(error.message);
    const all = [...records.map(({ dispatch }) => dispatch), ...unreadable];
    return many(all.sort((a, b) => newestFirst(a.dispatch_id ?? '', b.dispatch_id ?? '')));
  },
  // A list is an answer, whatever became of the runs in it; only one that could not be read is a failure of it.
  exitCode: (items) => {
    const unreadable = items.filter(({ status }) => status === null);
    if (unreadable.some(({ error }) => error?.code === 'state_too_new')) return 7;
    return unreadable.length > 0 ? 1 : 0;
  },
  view: (items, options) => runsView(items, options),
});
