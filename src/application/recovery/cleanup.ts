import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import { quote } from '../../domain/shell.ts';
import { RemovalPlan } from '../../domain/trash.ts';
import type { Hub } from '../ports.ts';
import { finishRemoval } from '../removing.ts';

const Data = z.object({ plan: RemovalPlan });

/** Finishes a removal that had begun to move things, and takes back one that had not. */
export async function recoverCleanup(hub: Hub, { id, worktree_path: path, data }: Intent): Promise<string> {
  const parsed = Data.safeParse(data);
  if (!parsed.success) throw failures.usage(`what wt cleanup wrote about ${path} cannot be read`);
  const { plan } = parsed.data;
  const writer = { id, child: () => {} };
  if (!(await hub.trash.hasBegun(plan))) {
    await hub.trash.discard(plan, writer);
    return `took back the unfinished removal of ${path}; it is as it was`;
  }
  const entry = await hub.trash.moveIn(plan, writer);
  await finishRemoval(hub, plan, entry, writer);
  return `finished the removal of ${path}; wt undo ${quote(entry.id)} brings it back`;
}
