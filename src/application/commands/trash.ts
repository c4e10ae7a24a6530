import * as z from 'zod';
import type { TrashAnswer } from '../../domain/answers/trash.ts';
import { atticPrefix } from '../../domain/attic.ts';
import { failures } from '../../domain/failure.ts';
import { type Answer, defineCommand, many, one } from '../command.ts';
import { limitsOf, surveyedEntries } from '../expiry.ts';
import type { Hub, Ports } from '../ports.ts';
import { recover } from '../recovery.ts';
import { restoreWorktree } from '../restoration.ts';
import { entryAnswer, listAttic, listTrash } from '../trash-answers.ts';
import { emptyTrash } from '../trash-emptying.ts';
import { trashView } from '../trash-view.ts';
import { takeTurn } from '../turn.ts';
import { unfinished } from '../unfinished.ts';

const Input = z.object({
  action: z.enum(['list', 'restore', 'empty'], { error: 'is list, restore or empty' }).default('list'),
  id: z.array(z.string()).default([]),
  expired: z.boolean().default(false),
  force: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
export type TrashInput = z.infer<typeof Input>;

/** What `cleanup` removed: shows it, brings it back, or lets it go for good. */
export const trash = defineCommand({
  name: 'trash',
  summary: 'List, bring back or empty what was removed',
  description:
    'Removed worktrees stay whole for trash.keep (7d). Then they go by themselves, in the background, and refs below\n' +
    'refs/wt/attic/ keep their commits and uncommitted work for ever; ignored files go. What refs cannot hold stays.\n\n' +
    '  wt trash                    what there is\n' +
    '  wt trash restore <id>       as wt undo <id>\n' +
    '  wt trash empty --expired    what is over its time, now\n' +
    '  wt trash empty <id>         this one, though it is not',
  args: [
    { name: 'action', summary: 'list, restore or empty; list when left out' },
    { name: 'id', summary: 'which entries; all of them for list and empty', variadic: true },
  ],
  options: [
    { flags: '--expired', summary: 'with empty: only what is over its time' },
    { flags: '-f, --force', summary: 'with empty: do not ask' },
    { flags: '-n, --dry-run', summary: 'with empty: say what would go' },
  ],
  input: Input,
  answer: async () => (await import('../../domain/answers/trash.ts')).TrashAnswer,
  async run(ports, input): Promise<Answer<TrashAnswer>> {
    const { action, id: ids, expired, force, dryRun } = input;
    if (action !== 'empty' && (expired || force || dryRun))
      throw failures.usage('--expired, --force and --dry-run go with empty', 'wt trash empty -n');
    if (expired && ids.length > 0)
      throw failures.usage('--expired and an id exclude each other', 'wt trash empty --expired');
    const hub = await ports.hub();
    if (action === 'empty') return emptyTrash(ports, hub, input);
    if (action === 'restore') return restore(ports, hub, ids);
    for (const { message } of await unfinished(hub)) ports.narrator.note(message);
    const all = await listTrash(hub, await limitsOf(ports), await surveyedEntries(hub));
    const unknown = ids.find((id) => !all.some((each) => each.id === plain(id)));
    if (unknown !== undefined) throw notThere(unknown);
    return many(
      ids.length === 0 ? all : ids.flatMap((id) => all.find((each) => each.id === plain(id)) ?? []),
    );
  },
  view: (answers, view, { action }) => {
    if (answers.length === 0) return action === 'list' ? 'the trash is empty' : 'there is nothing to empty';
    return trashView(answers, view, new Date());
  },
});

/** An attic ref may be named in full. */
const plain = (id: string): string => (id.startsWith(atticPrefix) ? id.slice(atticPrefix.length) : id);

const notThere = (id: string) => failures.nothingToUndo(`nothing in the trash is called '${id}'`);

async function restore(
  ports: Ports,
  hub: Hub,
  [id, ...more]: readonly string[],
): Promise<Answer<TrashAnswer>> {
  if (id === undefined || more.length > 0)
    throw failures.usage('restore takes one id', 'wt trash shows them');
  const kept = (await listAttic(hub)).find((each) => each.id === plain(id));
  if (kept !== undefined) {
    const hint = kept.restore.join(' && ');
    throw failures.usage(
      `of ${kept.id} only commits and uncommitted work are left, as ${kept.attic_ref}`,
      hint,
    );
  }
  if (!(await hub.trash.list()).some((entry) => entry.id === id)) throw notThere(id);
  await recover(ports, hub);
  const { entry, warnings } = await takeTurn(ports, hub, 'wt trash restore', () => restoreWorktree(hub, id));
  await hub.facts.rememberUsed(entry.worktree_path);
  const answer = entryAnswer({ entry, survey: undefined }, await limitsOf(ports), {
    state: 'restored',
    reason: undefined,
  });
  return one({ ...answer, expires_at: null, restore: [], warnings: [...warnings] });
}
