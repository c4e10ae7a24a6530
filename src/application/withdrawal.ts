import type { CreationRecord } from '../domain/creation-record.ts';
import { intentMarker } from '../domain/intent.ts';
import type { ProcessIdentity } from '../domain/process.ts';
import type { Suspicion } from './ports/registrations.ts';
import type { Hub } from './ports.ts';

/** How long a git that is told to end has for its own tidying up. */
const graceMs = 2_000;

/** Ends what a creation started; nothing of it may write while it is taken back. */
export const endChildren = (
  hub: Hub,
  intentId: string,
  children: readonly ProcessIdentity[],
): Promise<unknown> => hub.processes.end({ roots: children, marker: intentMarker(intentId), graceMs });

/**
 * Removes the files of a half-made worktree, so that `remove` can follow under the repository's lock. Gives what it
 * found there that is not from the creation: then everything stays, unlocked.
 */
export async function clear(
  hub: Hub,
  intentId: string,
  recorded: CreationRecord,
  suspicion: Suspicion,
): Promise<{ readonly creation: CreationRecord; readonly strangers: readonly string[] }> {
  const gitDir = recorded.git_dir ?? (await hub.registrations.find(intentId)) ?? null;
  const creation = { ...recorded, git_dir: gitDir };
  const seen = await hub.registrations.seen(creation);
  const known = await hub.registrations.strangers(creation, suspicion);
  // Somebody may take it for whole and begin to work there just now.
  const strangers = known.length > 0 ? known : await hub.registrations.empty(creation, seen);
  if (strangers.length > 0 && gitDir !== null) await hub.registrations.unlock(gitDir);
  return { creation, strangers };
}
