import type { Integrated } from './answers/status.ts';
import type { Divergence, Pair } from './divergence.ts';
import type { MergeProbe } from './merge-probe.ts';
import type { Sha } from './sha.ts';

/** Whether work is already in its base, and how that is known; a question git could not answer is never a yes. */
export type Integration =
  | { readonly kind: 'yes'; readonly why: Integrated }
  /** It was landed, and a later commit of the base took it back: somebody has to say what is wanted. */
  | { readonly kind: 'ask'; readonly why: Integrated; readonly revertedBy: Sha }
  | { readonly kind: 'no' }
  | { readonly kind: 'unknown'; readonly why: string };

/** What is known of a pair. Trees that were not asked for, because they cannot matter, are `undefined`. */
export type IntegrationFacts = Pair & {
  readonly divergence: Divergence | undefined;
  /** What landing would give; `undefined` where the base has nothing that the tip lacks, or all of it. */
  readonly probe: MergeProbe | undefined;
  readonly trees: {
    readonly base: Sha | undefined;
    readonly tip: Sha | undefined;
    readonly mergeBase: Sha | undefined;
  };
  /** Whether one of the base's commits makes the same change as all the tip's commits together. */
  readonly hasPatch: boolean;
  /** The commit of the base that took the landed work back. */
  readonly revertedBy?: Sha | undefined;
};

const yes = (why: Integrated): Integration => ({ kind: 'yes', why });

/**
 * The first reason for which the tip's work is in the base. A landing that is known by history or by its patch may
 * have been taken back since; the other reasons compare what the base holds now.
 */
export function integration(facts: IntegrationFacts): Integration {
  const found = landed(facts);
  if (found.kind !== 'yes' || facts.revertedBy === undefined || !isByHistory(found.why)) return found;
  return { kind: 'ask', why: found.why, revertedBy: facts.revertedBy };
}

/** Whether that reason speaks of what was once landed. */
export const isByHistory = (why: Integrated): boolean => why === 'ancestor' || why === 'patch_id';

function landed(facts: IntegrationFacts): Integration {
  const { base, tip, divergence, trees } = facts;
  if (base === tip) return yes('same_commit');
  if (divergence === undefined)
    return { kind: 'unknown', why: 'git could not read the history between them' };
  if (divergence.ahead === 0) return yes('ancestor');
  if (trees.tip === undefined || trees.base === undefined) {
    return { kind: 'unknown', why: 'git could not read their trees' };
  }
  if (trees.tip === trees.mergeBase) return yes('no_added_changes');
  if (trees.tip === trees.base) return yes('trees_match');
  if (facts.probe?.kind === 'clean' && facts.probe.tree === trees.base) return yes('merge_adds_nothing');
  if (facts.hasPatch) return yes('patch_id');
  if (facts.probe?.kind === 'unknown') return { kind: 'unknown', why: facts.probe.why };
  return { kind: 'no' };
}

/** Whether landing has to be tried in memory: otherwise it is a fast-forward, or there is nothing to land. */
export const needsProbe = ({ ahead, behind, mergeBases }: Divergence): boolean =>
  ahead > 0 && behind > 0 && mergeBases.length > 0;

/** Whether the tree of the merge base can decide: only where landing would change nothing, or could not be tried. */
export function needsMergeBaseTree({ divergence, probe, trees }: IntegrationFacts): boolean {
  if (divergence === undefined || divergence.ahead === 0 || divergence.mergeBases.length === 0) return false;
  if (divergence.behind === 0) return trees.tip === trees.base;
  return probe?.kind !== 'clean' || probe.tree === trees.base;
}
