import type { Conflict } from './conflict.ts';
import type { Sha } from './sha.ts';

/** Two commits to merge: the target's side is ours, the branch's theirs. */
export type ProbePair = { readonly ours: Sha; readonly theirs: Sha };

/** What merging two commits in memory would give. A probe that failed is `unknown`, never clean. */
export type MergeProbe =
  | { readonly kind: 'clean'; readonly tree: Sha }
  | { readonly kind: 'conflicts'; readonly conflicts: readonly Conflict[] }
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'unknown'; readonly why: string };
