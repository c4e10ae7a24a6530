import * as z from 'zod';
import { failures, isFailure } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import { RestorationPlan } from '../../domain/trash.ts';
import type { Hub } from '../ports.ts';
import { finishRestoration, takeBackRestoration } from '../restoration.ts';

const Data = z.object({ plan: RestorationPlan });

/** Finishes bringing a worktree back; where something stands in the way and nothing was moved, takes it back. */
export async function recoverUndo(hub: Hub, { id, worktree_path: path, data }: Intent): Promise<string> {
  const parsed = Data.safeParse(data);
  if (!parsed.success) throw failures.usage(`what wt undo wrote about ${path} cannot be read`);
  const { plan } = parsed.data;
  const writer = { id, child: () => {} };
  try {
    await finishRestoration(hub, plan, writer);
    return `finished bringing back ${path}`;
  } catch (error) {
    if (!isFailure(error) || (await hub.trash.isComingBack(plan.entry))) throw error;
    await takeBackRestoration(hub, plan, writer);
    return `${path} was not brought back: ${error.message}; it is still in the trash`;
  }
}
