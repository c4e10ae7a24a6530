import { each, type Three } from './lines.ts';

/** The keys of all versions in one order, or that both sides reordered the same rows differently. */
export type Order =
  | { readonly kind: 'order'; readonly keys: readonly string[] }
  | { readonly kind: 'reordered' };

/**
 * The order of merged rows: that of the base, or of the side that changed it; what a side added follows the row it
 * followed there. Where both added, `isBefore` tells which run goes on first, ours where it does not say.
 */
export function orderKeys(
  versions: Three<readonly string[]>,
  ranked: (ours: readonly string[], theirs: readonly string[]) => readonly string[],
): Order {
  const spine = spineOf(versions);
  if (spine === undefined) return { kind: 'reordered' };
  const known = each(versions, (keys) => new Set(keys));
  const isSpine = new Set(spine);
  const added = (keys: readonly string[]) => runsAfter(keys, isSpine, known.base);
  const [ours, theirs] = [added(versions.ours), added(versions.theirs)];
  const placed = new Set<string>();
  const oursAnchors = anchorsOf(ours);
  const keys: string[] = [];
  for (const anchor of [undefined, ...spine]) {
    if (anchor !== undefined) keys.push(anchor);
    // What both added stands where ours has it.
    const run = (theirs.get(anchor) ?? []).filter((key) => {
      const place = oursAnchors.get(key);
      return place === undefined || place.anchor === anchor;
    });
    for (const key of shuffled(ours.get(anchor) ?? [], run, ranked)) {
      if (placed.has(key)) continue;
      placed.add(key);
      keys.push(key);
    }
  }
  return { kind: 'order', keys };
}

/** The rows of the base in the order of the side that changed it. */
function spineOf({ base, ours, theirs }: Three<readonly string[]>): readonly string[] | undefined {
  const inBase = new Set(base);
  const kept = (keys: readonly string[]) => keys.filter((key) => inBase.has(key));
  const [keptOurs, keptTheirs] = [kept(ours), kept(theirs)];
  const hasMoved = (keys: readonly string[]) => {
    const has = new Set(keys);
    return !isSame(
      keys,
      base.filter((key) => has.has(key)),
    );
  };
  if (!hasMoved(keptOurs)) return hasMoved(keptTheirs) ? keptTheirs : base;
  if (!hasMoved(keptTheirs)) return keptOurs;
  const [inOurs, inTheirs] = [new Set(keptOurs), new Set(keptTheirs)];
  const isCommon = (key: string) => inOurs.has(key) && inTheirs.has(key);
  return isSame(keptOurs.filter(isCommon), keptTheirs.filter(isCommon)) ? keptOurs : undefined;
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((value, index) => value === others[index]);

/** What a side added, by the row of the spine that it follows there. */
function runsAfter(
  keys: readonly string[],
  isSpine: ReadonlySet<string>,
  inBase: ReadonlySet<string>,
): Map<string | undefined, string[]> {
  const runs = new Map<string | undefined, string[]>();
  let anchor: string | undefined;
  for (const key of keys) {
    if (isSpine.has(key)) anchor = key;
    else if (!inBase.has(key)) {
      const run = runs.get(anchor) ?? [];
      runs.set(anchor, run);
      run.push(key);
    }
  }
  return runs;
}

function anchorsOf(runs: ReadonlyMap<string | undefined, readonly string[]>) {
  const anchors = new Map<string, { readonly anchor: string | undefined }>();
  for (const [anchor, keys] of runs) for (const key of keys) anchors.set(key, { anchor });
  return anchors;
}

/** Two runs as one: what is in both parts them, as far as both have it in one order. */
function shuffled(
  ours: readonly string[],
  theirs: readonly string[],
  ranked: (ours: readonly string[], theirs: readonly string[]) => readonly string[],
): readonly string[] {
  if (ours.length === 0 || theirs.length === 0) return ours.length === 0 ? theirs : ours;
  const places = new Map(theirs.map((key, at) => [key, at]));
  const parts: (readonly string[])[] = [];
  let [o, t] = [0, 0];
  for (const [index, key] of ours.entries()) {
    const at = places.get(key);
    if (at === undefined || at < t) continue;
    parts.push(ranked(ours.slice(o, index), theirs.slice(t, at)), [key]);
    [o, t] = [index + 1, at + 1];
  }
  return [...parts, ranked(ours.slice(o), theirs.slice(t))].flat();
}
