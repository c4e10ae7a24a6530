import { isFailure } from '../domain/failure.ts';
import { outdated } from '../domain/ledger.ts';
import type { Hub, Narrator, Ports } from './ports.ts';

/** Notes in the ledger that a target was pushed: what has landed on it cannot be undone any more. */
export async function notePush(narrator: Narrator, hub: Hub, target: string): Promise<void> {
  try {
    const note = async () => {
      for (const entry of await hub.ledger.list())
        if (entry.target === target && entry.undone === null && !entry.pushed)
          await hub.ledger.amend({ ...entry, pushed: true });
    };
    await hub.locks.hold('repository', note, { purpose: 'wt merge' });
  } catch (error) {
    if (!isFailure(error)) throw error;
    narrator.warn(`that ${target} was pushed could not be noted: ${error.message}`);
  }
}

/**
 * Forgets the landings that are long ago and whose work is in a branch: the landed ref of one that was taken back
 * may be all that keeps its work, and stays.
 */
export async function forgetOldLandings({ clock }: Pick<Ports, 'clock'>, hub: Hub): Promise<void> {
  const old = outdated(await hub.ledger.list(), clock.now());
  if (old.length === 0) return;
  const forget = async () => {
    const unkept = await hub.ledger.unkept(old);
    await hub.ledger.forget(old.map(({ n }) => n).filter((n) => !unkept.has(n)));
  };
  await hub.locks.hold('repository', forget, { purpose: 'wt trash' });
}
