import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import { defineCommand, many, one } from '../command.ts';
import { recover } from '../recovery.ts';
import { takeTurn } from '../turn.ts';
import { undoView } from '../undo-view.ts';
import { listUndoable, undoOne } from '../undoing.ts';
import { unfinished } from '../unfinished.ts';

/** Takes back the newest removal, so that everything is there again, or landing, so that its target is where it was. */
export const undo = defineCommand({
  name: 'undo',
  summary: 'Take back the last cleanup or landing',
  description:
    'A removed worktree is as it was: branch, index, uncommitted and ignored files, an unfinished merge or rebase.\n' +
    'A landing that was not pushed leaves its target, with index and files where that is checked out; what is not\n' +
    'committed there stays. Of a merge with --cleanup first the cleanup, then the landing.\n\n' +
    '  wt undo            the last of both\n  wt undo --list     what can be undone\n  wt undo <id>       a certain one',
  args: [{ name: 'id', summary: 'an id of --list; the last one when left out' }],
  options: [{ flags: '--list', summary: 'what can be undone, the last done first' }],
  input: z.object({ id: z.string().optional(), list: z.boolean().default(false) }),
  answer: async () => (await import('../../domain/answers/cleanup.ts')).UndoAnswer,
  async run(ports, { id, list }) {
    if (list && id !== undefined)
      throw failures.usage('--list and an id exclude each other', 'wt undo --list');
    const hub = await ports.hub();
    if (list) {
      for (const { message } of await unfinished(hub)) ports.narrator.note(message);
      return many(await listUndoable(hub));
    }
    await recover(ports, hub);
    const { answer, restored } = await takeTurn(ports, hub, 'wt undo', () => undoOne(ports, hub, id));
    if (restored !== undefined) await hub.facts.rememberUsed(restored);
    return one(answer);
  },
  view: (answers, _, { list }) => undoView(answers, { isList: list }),
});
