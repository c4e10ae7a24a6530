import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import { signalNumber } from '../../domain/signals.ts';
import { defineCommand, one } from '../command.ts';
import { openProgram } from '../opening.ts';
import { currentWorktree, selectWorktrees } from '../selection.ts';

/** Opens claude, a shell or an editor in a worktree, with its environment and your terminal. */
export const open = defineCommand({
  name: 'open',
  summary: 'Open claude, a shell or an editor in a worktree',
  description:
    'What follows -- goes to claude.\n\n  wt open 6\n  wt open 6 --shell\n  wt open 6 -- --continue',
  args: [{ name: 'worktree', summary: 'which worktree; this one when left out' }],
  options: [
    { flags: '--shell', summary: 'a shell instead of claude ($SHELL, or tools.shell)' },
    { flags: '--editor', summary: 'an editor instead of claude (tools.editor, $VISUAL or $EDITOR)' },
  ],
  rest: { name: 'claude args', summary: 'arguments of claude' },
  input: z.object({
    worktree: z.string().optional(),
    shell: z.boolean().default(false),
    editor: z.boolean().default(false),
    rest: z.array(z.string()),
  }),
  answer: undefined,
  async run(ports, { worktree, shell, editor, rest }) {
    if (shell && editor)
      throw failures.usage('--shell and --editor exclude each other', 'wt open <worktree> --shell');
    if ((shell || editor) && rest.length > 0) {
      throw failures.usage('arguments after -- are for claude', 'wt open <worktree> -- <claude args>');
    }
    const hub = await ports.hub();
    const selected =
      worktree === undefined
        ? await currentWorktree(hub, 'open')
        : (await selectWorktrees(ports, hub, [worktree]))[0];
    if (selected === undefined) throw failures.worktreeNotFound(worktree ?? '@', []);
    const { config } = await ports.config();
    const { variables } = ports.environment;
    const words = (text: string | undefined) =>
      text === undefined || text === '' ? undefined : text.split(/\s+/);
    const program = shell
      ? (config.tools.shell ?? words(variables.SHELL) ?? ['sh'])
      : editor
        ? [...(config.tools.editor ?? words(variables.VISUAL) ?? words(variables.EDITOR) ?? ['vi']), '.']
        : [...config.tools.claude, ...rest];
    const [file = ''] = program;
    const missing =
      shell || editor
        ? failures.commandFailed(
            file,
            'was not found on the PATH',
            {},
            'wt config tools.editor, or tools.shell, says which one',
          )
        : failures.claudeNotFound(file);
    return one(await openProgram(ports, hub, selected, program, missing));
  },
  exitCode: ([ended]) => (ended === undefined ? 0 : (ended.exitCode ?? 128 + signalNumber(ended.signal))),
  view: () => '',
});
