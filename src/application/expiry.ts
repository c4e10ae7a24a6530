import { expired, firstLook, nextLook, type Surveyed } from '../domain/expiry.ts';
import { type Failure, failures, isFailure } from '../domain/failure.ts';
import type { TrashEntry } from '../domain/trash.ts';
import { forgetOldLandings } from './landings-kept.ts';
import type { Hub, Narrator, Ports } from './ports.ts';

/**
 * Lets an entry go for good: first its commits and uncommitted work are kept in the attic, then it is taken out of
 * the trash in one step. Gives the attic's ref, `undefined` where branches lead to everything. Throws `cannot_save`.
 */
export async function letGo(
  { narrator }: Pick<Ports, 'narrator'>,
  hub: Hub,
  entry: TrashEntry,
): Promise<string | undefined> {
  await refuseOccupied(hub, entry);
  const { signal } = narrator;
  const intended = { worktreePath: null, step: 'saving', data: { entry } };
  const outcome = await hub.intents.during('expiry', intended, async (intent): Promise<Outcome | Failure> => {
    let hasBegun = false;
    try {
      const bundle = await hub.attic.write(entry, intent, signal); // the long part, and nobody waits for it
      const work = async (): Promise<Outcome> => {
        if (!(await hub.trash.has(entry))) throw gone(entry);
        hasBegun = true;
        await intent.step('keeping', { commit: bundle.commit });
        const ref = await hub.attic.keep(entry, bundle, intent);
        await intent.step('releasing', { ref: ref ?? null });
        if (!(await hub.trash.release(entry))) throw gone(entry);
        await hub.trash.dropRefs(entry, intent);
        return { ref };
      };
      return await hub.locks.hold('repository', work, { purpose: 'wt trash', signal });
    } catch (error) {
      if (!isFailure(error)) throw error;
      const isThere = await hub.trash.has(entry);
      // Whatever git said when the folder went away under its hands.
      if (!hasBegun && (!isThere || (await hub.trash.isComingBack(entry)))) return gone(entry);
      if (!isThere) throw error; // the next command finishes it
      return error;
    }
  });
  if (isFailure(outcome)) throw outcome;
  return outcome.ref;
}

type Outcome = { readonly ref: string | undefined };

const gone = ({ id }: TrashEntry) => failures.nothingToUndo(`${id} is no longer in the trash`);

/** Who still writes in a removed folder would lose it; who does so cannot always be known. */
async function refuseOccupied(hub: Hub, entry: TrashEntry): Promise<void> {
  const folder = await hub.trash.folder(entry);
  if (folder === undefined) return;
  const inside = await hub.processes.inside(folder);
  const [first] = inside ?? [];
  if (inside === undefined)
    throw failures.staysInTrash(entry, {
      what: 'whether a process is at work in it could not be determined',
    });
  if (first !== undefined) {
    const what = `a process is at work in it: ${first.command} (${first.pid})`;
    throw failures.staysInTrash(entry, { what, hint: `kill ${first.pid} ends it` });
  }
}

/** Every entry with what was found out about it. */
export const surveyedEntries = async (hub: Hub): Promise<readonly Surveyed[]> =>
  Promise.all(
    (await hub.trash.list()).map(async (entry) => ({ entry, survey: await hub.attic.surveyed(entry) })),
  );

export async function limitsOf({ config }: Pick<Ports, 'config'>) {
  const { trash } = (await config()).config;
  return { keepMs: trash.keep, maxSize: trash.max_size };
}

/** The entries that are to go now; those whose size is not known yet are looked at first. */
export async function dueEntries(
  ports: Pick<Ports, 'config' | 'clock' | 'narrator'>,
  hub: Hub,
): Promise<readonly TrashEntry[]> {
  const limits = await limitsOf(ports);
  const all: Surveyed[] = [];
  for (const { entry, survey } of await surveyedEntries(hub))
    all.push({ entry, survey: survey ?? (await surveyed(ports.narrator, hub, entry)) });
  return expired(all, limits, ports.clock.now());
}

/** One that cannot be looked at (it is being brought back, or the disk is full) is looked at again another time. */
async function surveyed({ signal }: Narrator, hub: Hub, entry: TrashEntry) {
  try {
    return await hub.attic.survey(entry, signal);
  } catch (error) {
    if (!isFailure(error) || error.kind === 'interrupted') throw error;
    return undefined;
  }
}

/** What runs in the background from time to time: one process at once, and nobody waits for it. */
export async function tidyTrash(
  ports: Pick<Ports, 'config' | 'clock' | 'narrator'>,
  hub: Hub,
): Promise<void> {
  const { narrator, clock } = ports;
  const work = async () => {
    for (const entry of await dueEntries(ports, hub)) {
      try {
        await letGo(ports, hub, entry);
      } catch (error) {
        if (!isFailure(error) || error.kind === 'interrupted') throw error;
        narrator.warn(error.message);
        await surveyed(narrator, hub, entry); // so that the list says why it stays
      }
    }
    await hub.trash.sweep(narrator.signal);
    await forgetOldLandings(ports, hub).catch((error) => {
      if (!isFailure(error) || error.kind === 'interrupted') throw error;
      narrator.warn(error.message);
    });
    const left = await hub.trash.list();
    const isOver = left.length === 0 && (await hub.trash.released()).length === 0;
    const now = clock.now();
    const next = nextLook(left, await limitsOf(ports), now) ?? firstLook(now);
    await hub.trash.lookAgain(isOver ? undefined : next);
    if (isOver && (await hub.trash.list()).length > 0) await hub.trash.lookAgain(next); // removed just now
  };
  await hub.locks.hold('expiry', work, { waitMs: 0, purpose: 'wt trash', signal: narrator.signal });
}
