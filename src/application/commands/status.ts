import * as z from 'zod';
import type { StatusAnswer } from '../../domain/answers/status.ts';
import { type ConflictPolicy, conflictPolicy, conflictSettings } from '../../domain/conflict-policy.ts';
import { isFailure } from '../../domain/failure.ts';
import { needOrder } from '../../domain/needs.ts';
import { defineCommand, many } from '../command.ts';
import { observe } from '../overview.ts';
import type { Ports } from '../ports.ts';
import { recover } from '../recovery.ts';
import { selectWorktrees } from '../selection.ts';
import { statusRow } from '../status-row.ts';
import { statusView } from '../status-view.ts';

/** Shows every worktree: what is in it, what its agent does, how it stands to its base and to the others. */
export const status = defineCommand({
  name: 'status',
  summary: 'Show the worktrees, what they hold and what they need',
  description:
    'Any worktree of the repository, whoever made it. In changes + is staged, ~ changed, ? untracked, ! conflicted;\n' +
    '+3 -1 is three commits ahead of the base and one behind. Two worktrees that would conflict are named.',
  args: [{ name: 'worktree', summary: 'which worktrees; all when left out', variadic: true }],
  options: [{ flags: '--by-need', summary: 'first what needs somebody' }],
  input: z.object({ worktree: z.array(z.string()).default([]), byNeed: z.boolean().default(false) }),
  answer: async () => (await import('../../domain/answers/status.ts')).StatusAnswer,
  async run(ports, { worktree: selectors, byNeed }) {
    const hub = await ports.hub();
    await recover(ports, hub).catch((failure) => {
      if (!isFailure(failure) || failure.kind === 'interrupted') throw failure; // else the rows say what is unknown
    });
    const worktrees = await hub.git.worktrees();
    const options = { worktrees, unreadableToo: true };
    const wanted = selectors.length === 0 ? worktrees : await selectWorktrees(ports, hub, selectors, options);
    const observed = await observe(hub, { worktrees, wanted, neighbours: true });
    // Reading the settings costs something, and is of use here for this only.
    const hasConflicts = observed.some(({ judged }) => judged?.probe?.kind === 'conflicts');
    const policy = hasConflicts ? await policyOf(ports) : undefined;
    const rows = observed.map((each) => statusRow(each, worktrees, policy));
    return many(byNeed ? rows.sort((a, b) => urgency(a) - urgency(b)) : rows);
  },
  view: (rows, options) => statusView(rows, options),
});

async function policyOf(ports: Ports): Promise<ConflictPolicy | undefined> {
  try {
    const { config } = await ports.config();
    return conflictPolicy(conflictSettings(config, true));
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return undefined; // every command that acts on them says what is wrong with the settings
  }
}

const urgency = ({ needs }: StatusAnswer): number =>
  needs === null ? needOrder.length : needOrder.indexOf(needs.kind);
