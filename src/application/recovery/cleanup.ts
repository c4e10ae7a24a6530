import * as z from 'zod';
import { failures } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import { quote } from '../../domain/shell.ts';
import { RemovalPlan } from '../../domain/trash.ts';
import { finishClearing } from '../attic-removal.ts';
import type { Hub } from '../ports.ts';
import { finishRemoval } from '../removing.ts';

const Data = z.object({ plan: RemovalPlan, commit: z.string().optional(), ref: z.string().nullish() });

/** Finishes a removal that had begun to move things, and takes back one that had not. */
export async function recoverCleanup(hub: Hub, intent: Intent): Promise<string> {
  const { id, step, worktree_path: path, data } = intent;
  const parsed = Data.safeParse(data);
  if (!parsed.success) throw failures.usage(`what wt cleanup wrote about ${path} cannot be read`);
  const { plan, commit, ref } = parsed.data;
  const writer = { id, child: () => {} };
  if (step === 'deleting') {
    await finishClearing(hub, plan, ref ?? undefined, writer);
    const kept = typeof ref === 'string' ? `; ${ref} keeps its work` : '';
    return `finished the removal of ${path}${kept}`;
  }
  for (const made of commit === undefined ? [] : await hub.attic.list())
    if (made.commit === commit) await hub.attic.drop(made.ref, made.commit, writer);
  if (!(await hub.trash.hasBegun(plan))) {
    await hub.trash.discard(plan, writer);
    return `took back the unfinished removal of ${path}; it is as it was`;
  }
  const entry = await hub.trash.moveIn(plan, writer);
  await finishRemoval(hub, plan, entry, writer);
  return `finished the removal of ${path}; wt undo ${quote(entry.id)} brings it back`;
}
