import { align } from './diff.ts';
import type { Three } from './lines.ts';

/** A stretch of a three-way merge: what it gives, or what each text has there where both sides changed it differently. */
export type Chunk =
  | { readonly kind: 'merged'; readonly values: readonly string[] }
  | ({ readonly kind: 'conflict'; readonly line: Three<number> } & Three<readonly string[]>);

/**
 * Merges sequences three-way, like `git merge-file`: changes of both sides that no common element parts are a
 * conflict, unless they are the same.
 */
export function threeWay({ base, ours, theirs }: Three<readonly string[]>): Chunk[] {
  const [inOurs, inTheirs] = [align(base, ours), align(base, theirs)];
  const chunks: Chunk[] = [];
  let stable: string[] = [];
  let at = { base: 0, ours: 0, theirs: 0 };
  for (let next = 0; next <= base.length; next++) {
    const isEnd = next === base.length;
    const to = {
      base: next,
      ours: isEnd ? ours.length : (inOurs[next] ?? -1),
      theirs: isEnd ? theirs.length : (inTheirs[next] ?? -1),
    };
    if (to.ours < 0 || to.theirs < 0) continue;
    const parts = {
      base: base.slice(at.base, to.base),
      ours: ours.slice(at.ours, to.ours),
      theirs: theirs.slice(at.theirs, to.theirs),
    };
    const merged = mergedPart(parts);
    // Not as arguments of one call, of which there may be too many.
    if (merged !== undefined) for (const value of merged) stable.push(value);
    else {
      chunks.push({ kind: 'merged', values: stable }, { kind: 'conflict', line: at, ...parts });
      stable = [];
    }
    if (!isEnd) stable.push(base[next] ?? '');
    at = { base: to.base + 1, ours: to.ours + 1, theirs: to.theirs + 1 };
  }
  chunks.push({ kind: 'merged', values: stable });
  return chunks.filter((chunk) => chunk.kind === 'conflict' || chunk.values.length > 0);
}

function mergedPart({ base, ours, theirs }: Three<readonly string[]>): readonly string[] | undefined {
  if (isSame(ours, theirs) || isSame(theirs, base)) return ours;
  return isSame(ours, base) ? theirs : undefined;
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((value, index) => value === others[index]);
