import * as z from 'zod';
import { defineCommand, one } from '../command.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

/** Prints a worktree's path and nothing else, so that `cd "$(wt path 6)"` works. */
export const path = defineCommand({
  name: 'path',
  summary: 'Print the path of a worktree',
  args: [{ name: 'worktree', summary: 'which worktree; this one when left out' }],
  options: [],
  input: z.object({ worktree: z.string().optional() }),
  answer: async () => z.object({ path: z.string() }),
  async run(ports, { worktree }) {
    const hub = await ports.hub();
    const [selected] =
      worktree === undefined
        ? [await currentWorktree(hub, 'path')]
        : await selectWorktrees(ports, hub, [worktree], { unreadableToo: true });
    const path = selected?.path ?? '';
    await hub.facts.rememberUsed(path);
    return one({ path });
  },
  view: (items) => items.map((item) => item.path).join('\n'),
});
