import { defineCommand } from '../command.ts';
import { LandingInput, landingOptions, landingVerdict, runLandings } from '../landing-command.ts';
import { mergeView } from '../merge-view.ts';

/** Lands worktrees with everything that is configured for that: gates, push, and the worktrees are removed. */
export const land = defineCommand({
  name: 'land',
  summary: 'Merge with the configured gates and push, then remove the worktree',
  description:
    'As wt merge, with merge.gates run on each merged tree before it lands, merge.push, and --cleanup. A branch that\n' +
    'does not pass stays where it is, and the others land.\n\n' +
    '  wt land 6\n  wt land -a --dispatch-fix      what fails goes back to its agent',
  args: [{ name: 'worktree', summary: 'which worktrees; this one when left out', variadic: true }],
  options: landingOptions.filter(({ flags }) => flags !== '--cleanup'),
  input: LandingInput,
  answer: async () => (await import('../../domain/answers/merge.ts')).MergeAnswer,
  run: (ports, input) => runLandings(ports, input, 'land'),
  verdict: landingVerdict,
  view: (answers, view, { into }) => mergeView(answers, { ...view, command: 'land', into }),
});
