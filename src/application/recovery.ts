import * as z from 'zod';
import { isFailure } from '../domain/failure.ts';
import { type Intent, type IntentOperation, intentMarker } from '../domain/intent.ts';
import type { Lease } from './ports/state.ts';
import type { Hub, Narrator, Ports } from './ports.ts';
import { dropDeadLocks } from './recovery/dead-locks.ts';
import { elsewhere, summary } from './unfinished.ts';

/** How an operation whose process is gone is brought to an end. */
export type Recovery = {
  /**
   * What becomes of git children that outlived their wt: those whose work is undone anyway are ended, those that
   * are better let through are waited for (for ten seconds, then they are ended too).
   */
  readonly children: 'end' | 'await';
  /** Rolls back or forward, under the repository's lock, each step perhaps done before; gives the line that tells what was done. */
  readonly recover: (hub: Hub, intent: Intent, lease: Lease) => Promise<string>;
};

const recoveries: Partial<Record<IntentOperation, () => Promise<Recovery>>> = {
  create: () => import('./recovery/create.ts').then((m) => ({ children: 'end', recover: m.recoverCreate })),
  provision: () =>
    import('./recovery/provision.ts').then((m) => ({ children: 'end', recover: m.recoverProvision })),
  merge: () => import('./recovery/merge.ts').then((m) => ({ children: 'await', recover: m.recoverMerge })),
  cleanup: () =>
    import('./recovery/cleanup.ts').then((m) => ({ children: 'await', recover: m.recoverCleanup })),
  undo: () => import('./recovery/undo.ts').then((m) => ({ children: 'await', recover: m.recoverUndo })),
  gate: () => import('./recovery/gate.ts').then((m) => ({ children: 'end', recover: m.recoverGate })),
  expiry: () => import('./recovery/expiry.ts').then((m) => ({ children: 'end', recover: m.recoverExpiry })),
};

const patienceMs = 10_000;
const graceMs = 2_000;

/**
 * Finishes or takes back what a wt that is gone left half done; every writing command and `status` begin with it.
 * Of several commands one recovers, under the repository's lock, and the others wait for that one alone. What fails
 * is told and tried again by the next command. Gives how many operations it brought to an end.
 */
export async function recover({ narrator }: Pick<Ports, 'narrator'>, hub: Hub): Promise<number> {
  const found = await hub.intents.list();
  await hub.errands.tidyTrash();
  for (const { intent, owner } of found) if (owner === 'unknown') narrator.note(elsewhere(intent));
  if (!found.some(({ owner }) => owner === 'dead')) return 0;
  const options = {
    purpose: 'wt recovering',
    waitMs: patienceMs,
    signal: narrator.signal,
    onWait: (holder: string) => narrator.note(`waiting for ${holder}`),
  };
  return tolerantly(narrator, 'what was left unfinished', 0, () =>
    hub.locks.hold(
      'recovery',
      async () => {
        const dead = await deadOnes(hub);
        if (dead.length === 0) return 0; // another command was faster
        return hub.locks.hold('repository', (lease) => recoverAll(narrator, hub, dead, lease), options);
      },
      options,
    ),
  );
}

const deadOnes = async (hub: Hub): Promise<readonly Intent[]> =>
  (await hub.intents.list()).flatMap(({ intent, owner }) => (owner === 'dead' ? [intent] : []));

async function recoverAll(
  narrator: Narrator,
  hub: Hub,
  dead: readonly Intent[],
  lease: Lease,
): Promise<number> {
  let recovered = 0;
  for (const intent of dead) {
    const told = await tolerantly(narrator, summary(intent), undefined, () => recoverOne(hub, intent, lease));
    if (told === undefined) continue;
    narrator.note(told);
    recovered += 1;
  }
  return recovered;
}

async function tolerantly<T>(
  narrator: Narrator,
  what: string,
  otherwise: T,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // A record that wt did not write so must not stand in the way of every command.
    const isDamaged = error instanceof z.ZodError;
    if (!isDamaged && (!isFailure(error) || error.kind === 'interrupted')) throw error;
    narrator.warn(`${what} could not be recovered: ${error.message}`);
    return otherwise;
  }
}

async function recoverOne(hub: Hub, intent: Intent, lease: Lease): Promise<string | undefined> {
  const recovery = await recoveries[intent.operation]?.();
  if (recovery === undefined) return undefined;
  if (recovery.children === 'await') await outlive(hub, intent);
  await hub.processes.end({ roots: intent.children, marker: intentMarker(intent.id), graceMs });
  await dropDeadLocks(hub, new Date(intent.started_at));
  const told = await recovery.recover(hub, intent, lease);
  await hub.intents.clear(intent.id);
  return told;
}

async function outlive(hub: Hub, { children }: Intent): Promise<void> {
  for (let waited = 0; waited < patienceMs; waited += 20) {
    if (!children.some((child) => hub.processes.liveness(child) === 'alive')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
