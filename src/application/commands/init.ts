import * as z from 'zod';
import type { InitAnswer } from '../../domain/answers/init.ts';
import { failures } from '../../domain/failure.ts';
import { changeHooks } from '../claude-hooks.ts';
import { defineCommand, one } from '../command.ts';
import { changeDrivers } from '../merge-drivers.ts';
import type { Hub, Ports } from '../ports.ts';

const Input = z.object({
  claudeHooks: z.boolean().default(false),
  mergeDrivers: z.boolean().default(false),
  remove: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Puts what wt offers into the settings of other programs, and takes it out again. Each flag is one such thing. */
export const init = defineCommand({
  name: 'init',
  summary: 'Put the hook of wt into the settings of claude, its merge driver into those of git',
  description: [
    '--claude-hooks adds wt hook pre-tool-use to .claude/settings.local.json of this worktree, for sessions that you',
    'start yourself; what else is in the file stays as it is, byte for byte. Agents of wt dispatch have the hook anyway.',
    'claude reads the file of the worktree it runs in: name it in .worktreeinclude to bring it to new worktrees, or',
    'use -C <dir> for another. wt hook --help tells what the hook does, and which flags its command takes.',
    '',
    '--merge-drivers has git merge the files of merge.rows (WORKTRACKER.md, projects/README.md) row by row, in every',
    "worktree: a driver in the repository's own config, and in its info/attributes the files it is for. Where wt is",
    'gone later, git merges by lines again.',
    '',
    '  wt init --claude-hooks',
    '  wt init --claude-hooks --remove',
    '  wt init --merge-drivers',
  ].join('\n'),
  args: [],
  options: [
    { flags: '--claude-hooks', summary: "the hook that guards a session's edits" },
    { flags: '--merge-drivers', summary: 'the merge of tables row by row, for git merge, rebase and pull' },
    { flags: '--remove', summary: 'take it out again' },
    { flags: '-n, --dry-run', summary: 'only tell what would change' },
  ],
  input: Input,
  answer: async () => (await import('../../domain/answers/init.ts')).InitAnswer,
  async run(ports, input) {
    const hints = 'wt init --claude-hooks or wt init --merge-drivers';
    if (!input.claudeHooks && !input.mergeDrivers)
      throw failures.usage('wt init does what a flag names, and none is given', hints);
    if (input.claudeHooks && input.mergeDrivers)
      throw failures.usage('wt init does one thing at a time, and two are named', hints);
    const hub = await ports.hub();
    const { current } = hub.repository;
    if (input.mergeDrivers) return one(await withDrivers(ports, hub, input));
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
      merge_driver: null,
      warnings: [...warnings],
      error: null,
    });
  },
  view: ([answer], _, input) => (answer === undefined ? '' : said(answer, input)),
});

async function withDrivers(ports: Ports, hub: Hub, input: Input): Promise<InitAnswer> {
  const { name, command, files, config, attributes, changed } = await changeDrivers(ports, hub, input);
  return {
    worktree_path: hub.repository.current ?? null,
    file: attributes,
    changed,
    hooks: [],
    merge_driver: { name, command: command ?? null, files: [...files], config, attributes },
    warnings: [],
    error: null,
  };
}

function said({ file, changed, merge_driver: driver }: InitAnswer, { remove, dryRun }: Input): string {
  if (driver !== null) {
    const places = `${driver.config} and ${driver.attributes}`;
    if (!changed)
      return remove ? `no merge driver of wt is in ${places}` : `the merge driver is in ${places} already`;
    return `the merge driver ${dryRun ? 'would be' : 'was'} ${remove ? 'taken out of' : 'put into'} ${places}`;
  }
  if (!changed) return remove ? `no hook of wt is in ${file}` : `the hook is in ${file} already`;
  const verb = dryRun ? 'would be' : 'was';
  return `the hook ${verb} ${remove ? 'taken out of' : 'put into'} ${file}`;
}
