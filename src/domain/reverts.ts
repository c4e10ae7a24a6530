import { isSha, type Sha } from './object-id.ts';

/** A commit that says of itself that it takes another back, as git-revert(1) writes it. */
export type Revert = { readonly commit: Sha; readonly reverts: Sha };

/** What a commit's message says that it takes back. */
export const revertedIn = (message: string): Sha[] =>
  [...message.matchAll(/^This reverts commit ([0-9a-f]{40}(?:[0-9a-f]{24})?)\b/gm)].flatMap(([, id = '']) =>
    isSha(id) ? [id] : [],
  );

/** The commit that took another back and was not taken back itself. */
export function standingRevert(
  reverts: readonly Revert[],
  of: Sha,
  seen: ReadonlySet<Sha> = new Set(),
): Sha | undefined {
  const later = new Set([...seen, of]); // a message can say anything, also in a circle
  return reverts.find(
    ({ commit, reverts: taken }) =>
      taken === of && !later.has(commit) && standingRevert(reverts, commit, later) === undefined,
  )?.commit;
}
