import * as z from 'zod';
import { exportLines } from '../../domain/shell.ts';
import { worktreeEnvironment } from '../../domain/worktree-environment.ts';
import { defineCommand, one } from '../command.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

/** Prints what binds a shell to a worktree's project: `eval "$(wt env 6)"`. */
export const env = defineCommand({
  name: 'env',
  summary: "Print a worktree's environment as export lines",
  description: 'In JSON a null value is a variable that has to be unset.\n\n  eval "$(wt env 6)"',
  args: [{ name: 'worktree', summary: 'which worktree; this one when left out' }],
  options: [],
  input: z.object({ worktree: z.string().optional() }),
  answer: async () => z.record(z.string(), z.string().nullable()),
  async run(ports, { worktree }) {
    const hub = await ports.hub();
    const [selected] =
      worktree === undefined
        ? [await currentWorktree(hub, 'env')]
        : await selectWorktrees(ports, hub, [worktree]);
    if (selected === undefined) return one({});
    const { config } = await ports.config();
    const variables = worktreeEnvironment(selected, config.naming.variable);
    // What claude sets in its children is nothing that a person's shell should lose.
    const { CLAUDECODE: _, CLAUDE_CODE_ENTRYPOINT: __, ...own } = variables;
    return one(Object.fromEntries(Object.entries(own).map(([name, value]) => [name, value ?? null])));
  },
  view: ([variables]) => exportLines(variables ?? {}),
});
