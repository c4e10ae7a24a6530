import * as z from 'zod';
import { defineCommand, many } from '../command.ts';
import { observe } from '../overview.ts';
import { listRow, statusRow } from '../status-row.ts';
import { statusView } from '../status-view.ts';
import { unfinished } from '../unfinished.ts';

/** Lists the worktrees; unlike `status` it changes nothing, and does not compare them with each other. */
export const list = defineCommand({
  name: 'list',
  summary: 'List the worktrees',
  description:
    'One line each. It only looks: what a command left unfinished is told of, and recovered by wt status.',
  args: [],
  options: [],
  input: z.object({}),
  answer: async () => (await import('../../domain/answers/status.ts')).ListAnswer,
  async run(ports) {
    const hub = await ports.hub();
    for (const { message } of await unfinished(hub)) ports.narrator.note(message);
    const worktrees = await hub.git.worktrees();
    const observed = await observe(hub, { worktrees, neighbours: false });
    return many(observed.map((each) => listRow(statusRow(each, worktrees))));
  },
  view: (rows, options) => statusView(rows, options),
});
