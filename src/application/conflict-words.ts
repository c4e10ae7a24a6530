import type { ConflictKind } from '../domain/conflict.ts';

/** The names of the side that is merged into, and of the one that is merged. */
export type Sides = { readonly target: string; readonly branch: string };

const inWords: Record<ConflictKind, (sides: Sides) => string> = {
  content: () => 'both changed the same lines',
  add_add: () => 'both added it',
  modify_delete: ({ target, branch }) => `${target} changed it, ${branch} deleted it`,
  delete_modify: ({ target, branch }) => `${target} deleted it, ${branch} changed it`,
  rename: () => 'renamed on one side, renamed otherwise or deleted on the other',
  location: () => 'two different things in one place',
  mode: () => 'both added it, with different permissions',
  submodule: () => 'both moved the submodule',
  binary: () => 'both changed the binary file',
};

/** How two sides collide, for people. */
export const conflictInWords = (kind: ConflictKind, sides: Sides): string => inWords[kind](sides);
