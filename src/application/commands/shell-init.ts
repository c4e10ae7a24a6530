import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import { shellFunction, shells } from '../../domain/shell.ts';
import { defineCommand, one } from '../command.ts';

/** Prints the shell function that gives `wt cd`. */
export const shellInit = defineCommand({
  name: 'shell-init',
  summary: 'Print the shell function that gives wt cd',
  description:
    'With it, wt cd <worktree> goes there (no worktree: the main one), and wt cleanup from inside takes you to main.\n\n' +
    '  eval "$(wt shell-init bash)"      in ~/.bashrc\n' +
    '  eval "$(wt shell-init zsh)"       in ~/.zshrc\n' +
    '  wt shell-init fish | source       in ~/.config/fish/config.fish',
  args: [{ name: 'shell', summary: 'bash, zsh or fish; $SHELL when left out' }],
  options: [],
  input: z.object({ shell: z.string().optional() }),
  answer: undefined,
  async run({ environment }, { shell }) {
    const named = shell ?? environment.variables.SHELL?.split('/').at(-1) ?? '';
    const known = shells.find((candidate) => candidate === named);
    if (known === undefined) {
      throw failures.usage(`no shell function for '${named}'`, 'wt shell-init bash, zsh or fish');
    }
    return one(shellFunction(known));
  },
  view: ([text]) => text ?? '',
});
