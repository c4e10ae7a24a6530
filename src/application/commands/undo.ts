import * as z from 'zod';
import { UndoAnswer } from '../../domain/answers/cleanup.ts';
import { branchTip } from '../../domain/base.ts';
import { failures } from '../../domain/failure.ts';
import type { TrashEntry } from '../../domain/trash.ts';
import { defineCommand, many, one } from '../command.ts';
import type { Hub } from '../ports.ts';
import { recover } from '../recovery.ts';
import { finishUndo } from '../removal.ts';

/** Brings back what `cleanup` removed: path, branch, index, every file. */
export const undo = defineCommand({
  name: 'undo',
  summary: 'Bring back the worktree that was removed last',
  description:
    '  wt undo            the newest\n  wt undo --list     what can be brought back\n  wt undo <id>       a certain one',
  args: [{ name: 'id', summary: 'an id of --list; the newest when left out' }],
  options: [{ flags: '--list', summary: 'what can be undone, newest first' }],
  input: z.object({ id: z.string().optional(), list: z.boolean().default(false) }),
  answer: UndoAnswer,
  async run(ports, { id, list }) {
    const hub = await ports.hub();
    if (list) {
      if (id !== undefined) throw failures.usage('--list and an id exclude each other', 'wt undo --list');
      return many((await hub.trash.list()).map(answerOf));
    }
    await recover(ports, hub);
    return one(
      await hub.locks.hold('repository', () => bringBack(hub, id), {
        purpose: 'wt undo',
        signal: ports.narrator.signal,
        onWait: (holder) => ports.narrator.note(`waiting for ${holder}`),
      }),
    );
  },
  view: (answers, _, { list }) => {
    if (answers.length === 0) return 'nothing can be undone';
    return answers
      .map(({ id, branch, worktree_path }) =>
        list
          ? `${id}  ${branch ?? 'detached'}  ${worktree_path}`
          : `brought back ${branch ?? 'a detached worktree'}\n  ${worktree_path}`,
      )
      .join('\n');
  },
});

const answerOf = (entry: TrashEntry): UndoAnswer => ({
  operation: 'cleanup',
  id: entry.id,
  worktree_path: entry.worktree_path,
  branch: entry.branch,
  target: null,
  warnings: [],
  error: null,
});

async function bringBack(hub: Hub, id: string | undefined): Promise<UndoAnswer> {
  const entries = await hub.trash.list();
  const entry = id === undefined ? entries[0] : entries.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    throw failures.nothingToUndo(
      id === undefined ? 'there is nothing to undo' : `nothing that can be undone is called '${id}'`,
    );
  }
  await checkWayBack(hub, entry);
  await hub.intents.during(
    'undo',
    { worktreePath: entry.worktree_path, step: 'begun', data: { entry } },
    () => finishUndo(hub, entry),
  );
  return answerOf(entry);
}

/** Everything that can stand in the way, before anything moves. */
async function checkWayBack(hub: Hub, entry: TrashEntry): Promise<void> {
  const { worktree_path: path, branch, head } = entry;
  const kind = await hub.folders.kind(path);
  if (kind !== 'absent' && kind !== 'empty-folder')
    throw failures.pathExists(path, 'something else is there now');
  if (branch === null || head === null) return;
  const [worktrees, refs] = await Promise.all([hub.git.worktrees(), hub.git.refs()]);
  const holder = worktrees.find((worktree) => worktree.branch === branch);
  if (holder !== undefined) throw failures.branchCheckedOut(branch, holder.path);
  const standing = branchTip(refs, branch);
  if (standing !== undefined && standing !== head) {
    const hint = `it has moved on from ${head.slice(0, 10)}: git branch -m ${branch} <other>, then wt undo ${entry.id}`;
    throw failures.branchExists(branch, hint);
  }
}
