import * as z from 'zod';
import type { Intent } from '../../domain/intent.ts';
import { LandingRecord } from '../../domain/landing-record.ts';
import { landedEvent } from '../landing.ts';
import type { Hub } from '../ports.ts';

const Named = z.object({ branch: z.string().optional().catch(undefined) });

/** Finishes a landing of which only the branch was left, and takes back one that had got less far. */
export async function recoverMerge(hub: Hub, intent: Intent): Promise<string> {
  const landing = LandingRecord.parse(intent.data);
  const settled = await hub.landings.settle(landing, new Date(intent.started_at));
  const { target, message } = landing;
  if (settled.kind === 'landed') {
    const { branch } = Named.parse(intent.data);
    const worktreePath = intent.worktree_path ?? '';
    await hub.events.append(landedEvent(landing, { worktreePath, branch, operation: intent.id }));
    return `finished the landing on ${target} (${message})`;
  }
  const left =
    settled.left.length === 0
      ? ''
      : `; left as they are, since they were changed meanwhile: ${settled.left.join(', ')}`;
  return `took back the unfinished landing on ${target} (${message})${left}`;
}
