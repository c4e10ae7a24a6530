import { isFailure } from '../domain/failure.ts';
import { type Intent, type IntentOperation, intentMarker } from '../domain/intent.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub, Ports } from './ports.ts';

/** How an operation whose process is gone is brought to an end. */
export type Recovery = {
  /**
   * What becomes of git children that outlived their wt: those whose work is undone anyway are ended, those that
   * are better let through are waited for (for ten seconds, then they are ended too).
   */
  readonly children: 'end' | 'await';
  /** Rolls back or forward, each step perhaps done before; gives the line that tells what was done. */
  readonly recover: (hub: Hub, intent: Intent) => Promise<string>;
};

const recoveries: Partial<Record<IntentOperation, () => Promise<Recovery>>> = {
  create: () => import('./recovery/create.ts').then((m) => ({ children: 'end', recover: m.recoverCreate })),
  provision: () =>
    import('./recovery/provision.ts').then((m) => ({ children: 'end', recover: m.recoverProvision })),
  merge: () => import('./recovery/merge.ts').then((m) => ({ children: 'await', recover: m.recoverMerge })),
  cleanup: () =>
    import('./recovery/cleanup.ts').then((m) => ({ children: 'await', recover: m.recoverCleanup })),
  undo: () => import('./recovery/undo.ts').then((m) => ({ children: 'await', recover: m.recoverUndo })),
};

const patienceMs = 10_000;
const graceMs = 2_000;

/**
 * Finishes or takes back what a wt that is gone left half done; every writing command and `status` begin with it.
 * Under the repository's lock, so that of two commands one recovers and the other finds nothing left. What fails
 * is told and tried again by the next command. Gives how many operations it brought to an end.
 */
export async function recover({ narrator }: Pick<Ports, 'narrator'>, hub: Hub): Promise<number> {
  let recovered = 0;
  for (const { intent, owner } of await hub.intents.list()) {
    if (owner === 'unknown') narrator.note(elsewhere(intent));
    if (owner !== 'dead') continue;
    try {
      const told = await hub.locks.hold('repository', () => recoverOne(hub, intent.id), {
        purpose: 'wt recovering',
        waitMs: patienceMs,
        signal: narrator.signal,
        onWait: (holder) => narrator.note(`waiting for ${holder}`),
      });
      if (told === undefined) continue;
      narrator.note(told);
      recovered += 1;
    } catch (error) {
      if (!isFailure(error) || error.kind === 'interrupted') throw error;
      narrator.warn(`${summary(intent)} could not be recovered: ${error.message}`);
    }
  }
  return recovered;
}

/** What was left unfinished, for commands that only look: they report it and touch nothing. */
export async function unfinished(hub: Pick<Hub, 'intents'>): Promise<readonly Warning[]> {
  return (await hub.intents.list()).flatMap(({ intent, owner }): Warning[] => {
    if (owner === 'alive') return [];
    const message =
      owner === 'unknown' ? elsewhere(intent) : `${summary(intent)} was cut short; wt status recovers it`;
    return [{ code: 'unfinished_operation', message }];
  });
}

async function recoverOne(hub: Hub, id: string): Promise<string | undefined> {
  const found = (await hub.intents.list()).find(({ intent }) => intent.id === id);
  if (found === undefined || found.owner !== 'dead') return undefined; // another command was faster
  const recovery = await recoveries[found.intent.operation]?.();
  if (recovery === undefined) return undefined;
  if (recovery.children === 'await') await outlive(hub, found.intent);
  await hub.processes.end({ roots: found.intent.children, marker: intentMarker(id), graceMs });
  const told = await recovery.recover(hub, found.intent);
  await hub.intents.clear(id);
  return told;
}

async function outlive(hub: Hub, { children }: Intent): Promise<void> {
  for (let waited = 0; waited < patienceMs; waited += 20) {
    if (!children.some((child) => hub.processes.liveness(child) === 'alive')) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const summary = ({ operation, worktree_path: path }: Intent) =>
  `the unfinished ${operation}${path === null ? '' : ` of ${path}`}`;

const elsewhere = (intent: Intent) =>
  `${summary(intent)} was begun on ${intent.owner.hostname}, whose processes cannot be seen from here; it is left alone`;
