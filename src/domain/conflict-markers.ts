/** How many characters a marker has, unless the attribute `conflict-marker-size` says otherwise. */
export const usualMarker = 7;

/**
 * The line (from 1) at which a merge conflict begins that git left in a text; `undefined` where there is none. A line
 * of `=` alone, as under a heading, is none.
 */
export function conflictLine(text: string, size = usualMarker): number | undefined {
  const begin = text.search(new RegExp(`^<{${size}} `, 'm'));
  if (begin < 0) return undefined;
  const rest = text.slice(begin);
  const middle = rest.search(new RegExp(`^={${size}}\\r?$`, 'm'));
  if (middle < 0 || !new RegExp(`^>{${size}} `, 'm').test(rest.slice(middle))) return undefined;
  return text.slice(0, begin).split('\n').length;
}

/** Where a branch brings the markers of a conflict that nobody resolved; `line` counts from 1. */
export type MarkedPlace = { readonly path: string; readonly line: number };
