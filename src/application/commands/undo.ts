import * as z from 'zod';
import { UndoAnswer } from '../../domain/answers/cleanup.ts';
import { failures } from '../../domain/failure.ts';
import { visibleText } from '../../domain/plain-text.ts';
import { quote } from '../../domain/shell.ts';
import { defineCommand, many, one } from '../command.ts';
import { recover } from '../recovery.ts';
import { restoredAnswer, restoreWorktree } from '../restoration.ts';
import { takeTurn } from '../turn.ts';

/** Brings back what `cleanup` removed: path, branch, index, every file. */
export const undo = defineCommand({
  name: 'undo',
  summary: 'Bring back the worktree that was removed last',
  description:
    'Everything is as it was: branch, index, uncommitted and ignored files, an unfinished merge or rebase.\n\n' +
    '  wt undo            the last one\n  wt undo --list     what can be brought back\n  wt undo <id>       a certain one',
  args: [{ name: 'id', summary: 'an id of --list; the last one when left out' }],
  options: [{ flags: '--list', summary: 'what can be undone, the last removed first' }],
  input: z.object({ id: z.string().optional(), list: z.boolean().default(false) }),
  answer: UndoAnswer,
  async run(ports, { id, list }) {
    if (list && id !== undefined)
      throw failures.usage('--list and an id exclude each other', 'wt undo --list');
    const hub = await ports.hub();
    if (list) return many((await hub.trash.list()).map(restoredAnswer));
    await recover(ports, hub);
    const { entry, warnings } = await takeTurn(ports, hub, 'wt undo', () => restoreWorktree(hub, id));
    await hub.facts.rememberUsed(entry.worktree_path);
    return one({ ...restoredAnswer(entry), warnings: [...warnings] });
  },
  view: (answers, _, { list }) => {
    if (answers.length === 0) return 'there is nothing to undo';
    return answers
      .map(({ id, branch, worktree_path: path }) => {
        const where = visibleText(path ?? '');
        if (list) return `${id}  ${branch ?? 'detached HEAD'}\n  ${where}`;
        const name = quote(branch ?? path ?? '');
        return `brought back ${branch ?? 'a detached HEAD'}\n  ${where}\n  wt status ${name} shows it`;
      })
      .join('\n');
  },
});
