import type { TrashAnswer, TrashState } from '../domain/answers/trash.ts';
import { type AtticRef, atticPrefix, revivalOf, type Survey } from '../domain/attic.ts';
import { type ExpiryLimits, expiresAt, type Surveyed } from '../domain/expiry.ts';
import type { Sha } from '../domain/sha.ts';
import { quote } from '../domain/shell.ts';
import type { Hub } from './ports.ts';

/** What an answer says of an entry before anything else is known of it. */
export const entryAnswer = (
  { entry, survey }: Surveyed,
  limits: ExpiryLimits,
  { state, reason }: { readonly state: TrashState; readonly reason: string | undefined },
): TrashAnswer => ({
  id: entry.id,
  kind: 'entry',
  state,
  worktree_path: entry.worktree_path,
  branch: entry.branch,
  head: entry.head,
  removed_at: entry.removed_at,
  expires_at: expiresAt(entry, limits).toISOString(),
  size_bytes: survey?.size ?? null,
  reason: reason ?? null,
  attic_ref: null,
  restore: [`wt undo ${quote(entry.id)}`],
  warnings: [],
  error: null,
});

const atticAnswer = (kept: AtticRef, branches: ReadonlyMap<string, Sha>): TrashAnswer => ({
  id: kept.ref.slice(atticPrefix.length),
  kind: 'attic',
  state: 'saved',
  worktree_path: kept.path ?? null,
  branch: kept.branch ?? null,
  head: kept.head ?? null,
  removed_at: kept.removedAt?.toISOString() ?? null,
  expires_at: null,
  size_bytes: null,
  reason: null,
  attic_ref: kept.ref,
  restore: [...revivalOf(kept, { branchTip: branches.get(`refs/heads/${kept.branch}`), quote })],
  warnings: [],
  error: null,
});

/** Everything that was removed and is still there: the entries of the trash, the last removed first, then the attic. */
export async function listTrash(
  hub: Hub,
  limits: ExpiryLimits,
  entries: readonly Surveyed[],
): Promise<TrashAnswer[]> {
  const answers: TrashAnswer[] = [];
  for (const each of entries) answers.push(entryAnswer(each, limits, await stateOf(hub, each)));
  return [...answers, ...(await listAttic(hub))];
}

export async function listAttic(hub: Hub): Promise<TrashAnswer[]> {
  const kept = await hub.attic.list();
  if (kept.length === 0) return [];
  const branches = new Map((await hub.git.refs(['refs/heads'])).map(({ ref, sha }) => [ref, sha]));
  return kept.map((each) => atticAnswer(each, branches));
}

async function stateOf(
  hub: Hub,
  { entry, survey }: Surveyed,
): Promise<{ readonly state: TrashState; readonly reason: string | undefined }> {
  const missing = await hub.trash.missing(entry);
  if (missing !== undefined)
    return { state: 'missing', reason: `${missing} is not there; is its disk mounted?` };
  const held: Survey['held'] = survey?.held ?? null;
  return held === null
    ? { state: 'undoable', reason: undefined }
    : { state: 'held', reason: `it does not expire: ${held.what}` };
}
