/** The line (from 1) at which a merge conflict begins that git left in a text; `undefined` where there is none. */
export function conflictLine(text: string): number | undefined {
  const begin = text.search(/^<{7} /m);
  if (begin < 0) return undefined;
  const rest = text.slice(begin);
  const middle = rest.search(/^={7}\r?$/m);
  if (middle < 0 || !/^>{7} /m.test(rest.slice(middle))) return undefined;
  return text.slice(0, begin).split('\n').length;
}
