import * as z from 'zod';
import type { Intent } from '../../domain/intent.ts';
import { TrashEntry } from '../../domain/trash.ts';
import type { Hub } from '../ports.ts';
import { backOut, finishRemoval } from '../removal.ts';

const Data = z.object({ entry: TrashEntry });

/** Finishes a removal that had begun to move things, and takes back one that had not. */
export async function recoverCleanup(hub: Hub, intent: Intent): Promise<string> {
  const { entry } = Data.parse(intent.data);
  const moved = await hub.trash.hasBegun(entry);
  if (!moved) {
    await backOut(hub, entry, intent.id);
    return `took back the unfinished removal of ${entry.worktree_path}; nothing was changed`;
  }
  await hub.trash.moveIn(entry);
  await finishRemoval(hub, entry);
  await hub.intents.clear(intent.id);
  return `finished the removal of ${entry.worktree_path}; wt undo ${entry.id} brings it back`;
}
