import type { UndoAnswer } from '../domain/answers/cleanup.ts';
import { failures } from '../domain/failure.ts';
import {
  type LedgerEntry,
  landingId,
  landingNumber,
  revertCommand,
  type Standing,
} from '../domain/ledger.ts';
import type { TrashEntry } from '../domain/trash.ts';
import type { Warning } from '../domain/warning.ts';
import { landingAnswer, takeLandingBack } from './landing-undo.ts';
import type { Hub, Ports } from './ports.ts';
import { restoredAnswer, restoreWorktree } from './restoration.ts';

/** Something that `undo` may reverse. */
type Undoable =
  | { readonly kind: 'cleanup'; readonly at: string; readonly entry: TrashEntry }
  | {
      readonly kind: 'landing';
      readonly at: string;
      readonly entry: LedgerEntry;
      readonly standing: Standing | undefined;
    };

/** Removals and landings that were not taken back, the newest first; of equal times what cleans up comes first. */
async function operations(hub: Hub, entries: readonly LedgerEntry[]): Promise<readonly Undoable[]> {
  const left = entries.filter(({ undone }) => undone === null);
  const [removed, standings] = await Promise.all([hub.trash.list(), hub.ledger.standings(left)]);
  return [
    ...removed.map((entry): Undoable => ({ kind: 'cleanup', at: entry.removed_at, entry })),
    ...left.map(
      (entry): Undoable => ({
        kind: 'landing',
        at: entry.landed_at,
        entry,
        standing: standings.get(entry.n),
      }),
    ),
  ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** What can be undone, the newest first; a landing under others is there, and they come before it. */
export async function listUndoable(hub: Hub): Promise<UndoAnswer[]> {
  const found = await operations(hub, await hub.ledger.list());
  return found.flatMap((each) => {
    if (each.kind === 'cleanup') return restoredAnswer(each.entry);
    return each.standing === 'stands' ? landingAnswer(each.entry) : [];
  });
}

type Undone = { readonly answer: UndoAnswer; readonly restored: string | undefined };

/** Reverses an operation, the newest that can be when no id is given; under the repository's lock. */
export async function undoOne(
  ports: Pick<Ports, 'clock' | 'narrator'>,
  hub: Hub,
  id: string | undefined,
): Promise<Undone> {
  const entries = await hub.ledger.list();
  const n = id === undefined ? undefined : landingNumber(id);
  if (id !== undefined && n === undefined) return bringBack(hub, id, []);
  const chosen = n === undefined ? await newest(hub, entries) : await landingOf(hub, entries, n);
  if (chosen.kind === 'cleanup') return bringBack(hub, chosen.entry.id, chosen.warnings);
  const warnings = await takeLandingBack(ports, hub, chosen.entry, entries);
  const answer = { ...landingAnswer(chosen.entry), warnings: [...chosen.warnings, ...warnings] };
  return { answer, restored: undefined };
}

async function bringBack(hub: Hub, id: string, before: readonly Warning[]): Promise<Undone> {
  const { entry, warnings } = await restoreWorktree(hub, id);
  return {
    answer: { ...restoredAnswer(entry), warnings: [...before, ...warnings] },
    restored: entry.worktree_path,
  };
}

type Chosen = { readonly warnings: readonly Warning[] } & (
  | { readonly kind: 'cleanup'; readonly entry: TrashEntry }
  | { readonly kind: 'landing'; readonly entry: LedgerEntry }
);

/** The newest that can be undone; newer landings that were pushed are told of. */
async function newest(hub: Hub, entries: readonly LedgerEntry[]): Promise<Chosen> {
  const pushed: LedgerEntry[] = [];
  for (const each of await operations(hub, entries)) {
    const warnings = pushed.map((entry) => {
      const { code, message, hint } = pushedAlready(entry);
      return { code, message: `${message}; it stays. ${hint}` };
    });
    if (each.kind === 'cleanup') return { kind: 'cleanup', entry: each.entry, warnings };
    if (each.standing === 'stands') return { kind: 'landing', entry: each.entry, warnings };
    if (each.standing === 'published') pushed.push(each.entry);
  }
  const [last] = pushed;
  throw last === undefined ? failures.nothingToUndo('there is nothing to undo') : pushedAlready(last);
}

async function landingOf(hub: Hub, entries: readonly LedgerEntry[], n: number): Promise<Chosen> {
  const entry = entries.find((each) => each.n === n);
  const id = landingId({ n });
  if (entry === undefined) throw failures.nothingToUndo(`nothing that can be undone is called '${id}'`);
  if (entry.undone !== null) throw failures.nothingToUndo(`${id} was taken back at ${entry.undone}`);
  const standing = (await hub.ledger.standings([entry])).get(n);
  if (standing === 'published') throw pushedAlready(entry);
  if (standing !== 'stands')
    throw failures.nothingToUndo(`what ${id} brought to ${entry.target} is no longer there`);
  return { kind: 'landing', entry, warnings: [] };
}

const pushedAlready = (entry: LedgerEntry) =>
  failures.alreadyPushed(landingId(entry), entry.target, revertCommand(entry));
