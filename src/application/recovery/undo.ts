import * as z from 'zod';
import { failures, isFailure } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import { landingId } from '../../domain/ledger.ts';
import { RestorationPlan } from '../../domain/trash.ts';
import { finishTakingBack, TakingBack } from '../landing-undo.ts';
import type { Hub } from '../ports.ts';
import { finishRestoration, takeBackRestoration } from '../restoration.ts';
import { leftAsIs } from './merge.ts';

const Data = z.union([z.object({ plan: RestorationPlan }), TakingBack]);

/** Brings an undo to its end: of a removal or of a landing. */
export async function recoverUndo(hub: Hub, intent: Intent): Promise<string> {
  const parsed = Data.safeParse(intent.data);
  if (!parsed.success) {
    const what = intent.worktree_path === null ? '' : ` about ${intent.worktree_path}`;
    throw failures.usage(`what wt undo wrote${what} cannot be read`);
  }
  return 'plan' in parsed.data
    ? recoverRestoration(hub, intent, parsed.data.plan)
    : recoverTakingBack(hub, intent, parsed.data);
}

/** Finishes bringing a worktree back; where something stands in the way and nothing was moved, takes it back. */
async function recoverRestoration(
  hub: Hub,
  { id, worktree_path: path }: Intent,
  plan: RestorationPlan,
): Promise<string> {
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

/** Finishes taking a landing back when only the branch was left; else the target stays where it landed. */
async function recoverTakingBack(
  hub: Hub,
  { id, started_at: startedAt }: Intent,
  { entry, move }: TakingBack,
): Promise<string> {
  const settled = await hub.landings.settle(move, new Date(startedAt));
  const what = `${landingId(entry)} on ${entry.target}`;
  if (settled.kind === 'not-landed') return `${what} stays: its wt undo was cut short${leftAsIs(settled)}`;
  await finishTakingBack(hub, entry, { operation: id, at: startedAt });
  return `finished taking back ${what}`;
}
