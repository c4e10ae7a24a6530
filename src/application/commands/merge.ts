import { defineCommand } from '../command.ts';
import { LandingInput, landingOptions, landingVerdict, runLandings } from '../landing-command.ts';
import { mergeView } from '../merge-view.ts';

/** Lands worktrees on their base branch, each judged against what those before it leave. */
export const merge = defineCommand({
  name: 'merge',
  summary: 'Land finished worktrees on their base branch',
  description:
    'Merges in memory first: with conflicts nothing is changed, and they are named (exit 3). The branch then moves\n' +
    'by compare-and-swap; where it is checked out, index and files follow, and uncommitted changes stay. Commit\n' +
    'hooks do not run. -a takes those whose last dispatch is complete with work, the oldest first.\n\n' +
    '  wt merge 6 -n        what would land, and with which conflicts\n' +
    '  wt merge 6 7 8       one after the other\n  wt merge -a --push',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: landingOptions,
  input: LandingInput,
  answer: async () => (await import('../../domain/answers/merge.ts')).MergeAnswer,
  run: (ports, input) => runLandings(ports, input, 'merge'),
  verdict: landingVerdict,
  view: (answers, view, { into }) => mergeView(answers, { ...view, command: 'merge', into }),
});
