/** The three texts of a conflict, one character per byte; `base` is empty where both sides added the file. */
export type Versions = { readonly base: string; readonly ours: string; readonly theirs: string };

/** The text in which all lines of both sides are, or why there is none without a guess. */
export type Union = { readonly kind: 'text'; readonly text: string } | Refusal;
type Refusal = { readonly kind: 'no'; readonly why: string };

const no = (why: string): Refusal => ({ kind: 'no', why });

/** Why texts can be no lists of lines: binary ones, and those that stand for a file that is kept elsewhere. */
export function whyNoUnion({ base, ours, theirs }: Versions): Refusal | undefined {
  const texts = [base, ours, theirs];
  if (texts.some((text) => text.includes('\0'))) return no('it is a binary file');
  if (texts.some((text) => text.startsWith('version https://git-lfs.github.com/spec/')))
    return no('it is kept in Git LFS');
  return undefined;
}

/**
 * The texts with an end to their last line, so that a merge never takes a line that was added after it for a change
 * of that line, and never glues two lines.
 */
export function withLineEnds({ base, ours, theirs }: Versions): Versions {
  return { base: ended(base), ours: ended(ours), theirs: ended(theirs) };
}

const ended = (text: string): string => {
  if (text === '' || text.endsWith('\n')) return text;
  return `${text}${/\r\n[^\n]*$/.test(text) ? '\r\n' : '\n'}`;
};

const least = 32;
const most = 1000;

/** The length of conflict markers that no line of the texts can be taken for; `undefined` where they leave none. */
export function markerSize({ base, ours, theirs }: Versions): number | undefined {
  let longest = least;
  for (const text of [base, ours, theirs]) {
    for (const [run] of text.matchAll(/^(?:<{32,}|\|{32,}|={32,}|>{32,})/gm))
      longest = Math.max(longest, run.length);
  }
  return longest < most ? longest + 1 : undefined;
}

/**
 * The union of what `git merge-file --diff3 -p --marker-size=<size>` made of versions with line ends: where both sides
 * only added lines, ours stand before theirs, and what both added alike at the beginning or the end stands once. Where
 * a side changed or removed lines that the other touched too, there is none. (git's own `--union` joins hunks that are
 * less than four lines apart, and then has the lines between them twice.)
 */
export function unionOf(merged: string, size: number, { ours, theirs }: Versions): Union {
  const marker = (character: string) => character.repeat(size);
  const result: string[] = [];
  const hunk = { ours: [] as string[], theirs: [] as string[] };
  let part: 'between' | 'ours' | 'base' | 'theirs' = 'between';
  for (const line of linesOf(merged)) {
    if (part === 'between' && line.startsWith(marker('<'))) part = 'ours';
    else if (part === 'ours' && line.startsWith(marker('|'))) part = 'base';
    else if (part === 'base' && line.startsWith(marker('='))) part = 'theirs';
    else if (part === 'theirs' && line.startsWith(marker('>'))) {
      result.push(...joined(hunk.ours, hunk.theirs));
      [hunk.ours, hunk.theirs, part] = [[], [], 'between'];
    } else if (part === 'base') return no('both sides changed the same lines');
    else (part === 'between' ? result : hunk[part]).push(line);
  }
  if (part !== 'between') throw new Error('a conflict of git merge-file without its end');
  const text = result.join('');
  const isEnded = [ours, theirs].some((side) => side.endsWith('\n'));
  return { kind: 'text', text: isEnded ? text : text.replace(/\r?\n$/, '') };
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function joined(ours: readonly string[], theirs: readonly string[]): string[] {
  const shorter = Math.min(ours.length, theirs.length);
  let before = 0;
  while (before < shorter && ours[before] === theirs[before]) before++;
  let after = 0;
  while (after < shorter - before && ours.at(-1 - after) === theirs.at(-1 - after)) after++;
  return [...ours.slice(0, ours.length - after), ...theirs.slice(before)];
}
