import * as z from 'zod';
import type { Intent } from '../../domain/intent.ts';
import { TrashEntry } from '../../domain/trash.ts';
import type { Hub } from '../ports.ts';
import { finishUndo } from '../removal.ts';

const Data = z.object({ entry: TrashEntry });

/** Finishes bringing a worktree back: everything it needs is in the entry. */
export async function recoverUndo(hub: Hub, intent: Intent): Promise<string> {
  const { entry } = Data.parse(intent.data);
  await finishUndo(hub, entry);
  await hub.intents.clear(intent.id);
  return `finished bringing back ${entry.worktree_path}`;
}
