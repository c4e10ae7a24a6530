import * as z from 'zod';
import { InitAnswer } from '../../domain/answers/init.ts';
import { failures } from '../../domain/failure.ts';
import { changeHooks } from '../claude-hooks.ts';
import { defineCommand, one } from '../command.ts';

const Input = z.object({
  claudeHooks: z.boolean().default(false),
  remove: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Puts what wt offers into the settings of other programs, and takes it out again. Each flag is one such thing. */
export const init = defineCommand({
  name: 'init',
  summary: 'Put the hook of wt into the settings of claude',
  description: [
    '--claude-hooks adds wt hook pre-tool-use to .claude/settings.local.json of this worktree, for sessions that you',
    'start yourself; what else is in the file stays as it is, byte for byte. Agents of wt dispatch have the hook anyway.',
    'claude reads the file of the worktree it runs in: name it in .worktreeinclude to bring it to new worktrees, or',
    'use -C <dir> for another. wt hook --help tells what the hook does, and which flags its command takes.',
    '',
    '  wt init --claude-hooks',
    '  wt init --claude-hooks --remove',
  ].join('\n'),
  args: [],
  options: [
    { flags: '--claude-hooks', summary: "the hook that guards a session's edits" },
    { flags: '--remove', summary: 'take it out again' },
    { flags: '-n, --dry-run', summary: 'only tell what would change' },
  ],
  input: Input,
  answer: InitAnswer,
  async run(ports, input) {
    if (!input.claudeHooks)
      throw failures.usage('wt init does what a flag names, and none is given', 'wt init --claude-hooks');
    const hub = await ports.hub();
    const { current } = hub.repository;
    const worktree = (await hub.git.worktrees()).find(({ path }) => path === current);
    if (worktree === undefined)
      throw failures.usage(
        'wt init needs a worktree here',
        'wt -C <dir> init --claude-hooks; wt list shows them',
      );
    const { hooks, warnings, ...change } = await changeHooks(ports, hub, worktree, input);
    for (const { message } of warnings) ports.narrator.warn(message);
    return one({
      worktree_path: worktree.path,
      ...change,
      hooks: [...hooks],
      warnings: [...warnings],
      error: null,
    });
  },
  view: ([answer], _, input) => (answer === undefined ? '' : said(answer, input)),
});

function said({ file, changed }: InitAnswer, { remove, dryRun }: Input): string {
  if (!changed) return remove ? `no hook of wt is in ${file}` : `the hook is in ${file} already`;
  const verb = dryRun ? 'would be' : 'was';
  return `the hook ${verb} ${remove ? 'taken out of' : 'put into'} ${file}`;
}
