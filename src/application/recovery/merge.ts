import * as z from 'zod';
import type { Intent } from '../../domain/intent.ts';
import { LandingRecord } from '../../domain/landing-record.ts';
import { NewEntry } from '../../domain/ledger.ts';
import { Binding } from '../../domain/orchestration/binding.ts';
import { landedEvent } from '../landing.ts';
import type { Settled } from '../ports/landing.ts';
import type { Lease } from '../ports/state.ts';
import type { Hub } from '../ports.ts';

const Landed = z.object({
  kind: z.literal('landed'),
  branch: z.string(),
  target: z.string(),
  commit: z.string(),
});

const Named = z.object({
  branch: z.string().optional().catch(undefined),
  // A wt before the ledger wrote none.
  entry: NewEntry.optional().catch(undefined),
  binding: Binding.optional().catch(undefined),
  step: Landed.optional().catch(undefined),
});

/** Finishes a landing of which only the branch was left, and takes back one that had got less far. */
export async function recoverMerge(hub: Hub, intent: Intent, lease: Lease): Promise<string> {
  const landing = LandingRecord.parse(intent.data);
  const settled = await hub.landings.settle(landing, new Date(intent.started_at));
  const { target, message } = landing;
  if (settled.kind === 'not-landed') {
    return `took back the unfinished landing on ${target} (${message})${leftAsIs(settled)}`;
  }
  const { branch, entry, binding, step } = Named.parse(intent.data);
  if (entry !== undefined)
    await hub.ledger.enter({ ...entry, operation: intent.id }, { id: intent.id, child: () => {} });
  const worktreePath = intent.worktree_path ?? '';
  await hub.events.append(landedEvent(landing, { worktreePath, branch, operation: intent.id }));
  const recorded =
    binding === undefined || step === undefined
      ? undefined
      : await hub.recorder.record(binding, step, { lease });
  const told = (recorded?.warnings ?? []).map((warning) => `; ${warning.message}`).join('');
  return `finished the landing on ${target} (${message})${told}`;
}

/** The files that recovery did not touch, for its line. */
export const leftAsIs = ({ left }: Extract<Settled, { kind: 'not-landed' }>): string =>
  left.length === 0 ? '' : `; left as they are, since they were changed meanwhile: ${left.join(', ')}`;
