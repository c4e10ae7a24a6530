import type { CreationRecord } from '../domain/creation-record.ts';
import { intentMarker } from '../domain/intent.ts';
import type { ProcessIdentity } from '../domain/process.ts';
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
 * Takes a half-made worktree back, under the repository's lock: files, folder, registration, branch and parents.
 * Gives what it found there that is not from the creation; then everything stays, unlocked. With `ignored`, files
 * that git ignores count as such too: before provisioning nobody has written any.
 */
export async function takeBack(
  hub: Hub,
  intentId: string,
  recorded: CreationRecord,
  options: { readonly ignored: boolean },
): Promise<readonly string[]> {
  const gitDir = recorded.git_dir ?? (await hub.registrations.find(intentId)) ?? null;
  const creation = { ...recorded, git_dir: gitDir };
  const strangers = await hub.registrations.strangers(creation, options);
  if (strangers.length > 0) {
    if (gitDir !== null) await hub.registrations.unlock(gitDir);
    return strangers;
  }
  await hub.registrations.empty(creation);
  await hub.registrations.remove(creation);
  return [];
}
