import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import { quote } from '../../domain/shell.ts';
import { TrashEntry } from '../../domain/trash.ts';
import type { Hub } from '../ports.ts';

const Data = z.object({ entry: TrashEntry, commit: z.string().optional(), ref: z.string().nullish() });

/**
 * Finishes letting an entry of the trash go once it is out of the trash, and takes back what was kept of one that
 * is still there. Nothing is deleted here: that is done when nobody waits.
 */
export async function recoverExpiry(hub: Hub, { id, step, data }: Intent): Promise<string> {
  const parsed = Data.safeParse(data);
  if (!parsed.success) throw failures.usage('what wt wrote about an expired worktree cannot be read');
  const { entry, commit, ref } = parsed.data;
  const writer = { id, child: () => {} };
  if (!(await hub.trash.has(entry))) {
    await hub.trash.dropRefs(entry, writer);
    if (step !== 'releasing') return `${entry.worktree_path} has left the trash meanwhile`;
    const kept = typeof ref === 'string' ? `; ${ref} keeps its work` : '; branches keep its work';
    return `finished removing ${entry.worktree_path} from the trash${kept}`;
  }
  const made = commit === undefined ? [] : await hub.attic.list();
  for (const each of made.filter((kept) => kept.commit === commit))
    await hub.attic.drop(each.ref, each.commit, writer);
  return `${entry.worktree_path} stays in the trash; wt undo ${quote(entry.id)} brings it back`;
}
