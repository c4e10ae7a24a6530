import type { Status } from '../status.ts';
import { meaningOf, sign, symbolMeaning } from '../status-words.ts';

/** A cell that holds a status, taken apart. */
export type StatusCell = {
  readonly status: Status;
  /** The status as it is written, with its emoji and emphasis, without link and qualifier: `**✅ Done**`. */
  readonly spelling: string;
  /** The words of it, and the sign before them. */
  readonly word: string;
  readonly symbol: string;
  /** Whether the word says this of anything, as `done` does, and not of decisions or tests only. */
  readonly isUsual: boolean;
  /** Where the status itself is a link: what follows its text, `](url)`. */
  readonly link: string | undefined;
  /** What is said besides: `(3 of 7)`, `- waits for WI-008`; `''` when nothing is. */
  readonly qualifier: string;
};

/** No status has more letters; to try the words of a whole paragraph would cost their square. */
const longest = 60;
const emphasis = /^(?:\*{1,3}|_{1,3}|~~|`+)/;
const wording = /^\p{L}[\p{L}\p{M}'’]*(?:(?:[ _-]|(?<=\p{L})\/(?=\p{L}))?[\p{L}\p{M}'’]+)*/u;
const linkEnd = /^\]\((?:\\.|[^()\\]|\([^()]*\))*\)/;

/** Reads a status cell; what is no word wt knows is `UNKNOWN`, and then the whole of it is its spelling. */
export function readStatus(raw: string): StatusCell {
  return scan(raw) ?? whole(raw);
}

const whole = (raw: string): StatusCell => ({
  status: 'UNKNOWN',
  spelling: raw,
  word: raw,
  symbol: '',
  isUsual: false,
  link: undefined,
  qualifier: '',
});

function scan(raw: string): StatusCell | undefined {
  const struck = /^~~[^~]*~~\s*(?=[^\s(])/.exec(raw)?.[0] ?? '';
  let rest = raw.slice(struck.length);
  let spelling = '';
  let link: string | undefined;
  let qualifier = struck.trim();
  const open: string[] = [];
  const signs: string[] = [];
  const take = (text: string) => {
    spelling += text;
    rest = rest.slice(text.length);
  };
  const takeSign = (): boolean => {
    const found = /^[ \t]*/.exec(rest)?.[0] ?? '';
    const symbol = sign.exec(rest.slice(found.length))?.[0];
    if (symbol === undefined) return false;
    signs.push(symbol);
    take(found + symbol);
    return true;
  };
  const close = (): boolean => {
    const last = open.at(-1);
    if (last === undefined) return false;
    const end = last === '[' ? linkEnd.exec(rest)?.[0] : rest.startsWith(last) ? last : undefined;
    if (end === undefined) return false;
    open.pop();
    if (last === '[') link = end;
    else spelling += end;
    rest = rest.slice(end.length);
    return true;
  };

  for (;;) {
    if (takeSign()) continue;
    const mark = emphasis.exec(rest)?.[0];
    if (mark !== undefined) {
      open.push(mark);
      take(mark);
    } else if (rest.startsWith('[')) {
      open.push('[');
      rest = rest.slice(1);
    } else if (/^[ \t]/.test(rest)) take(rest.slice(0, 1));
    else break;
  }
  const word = wordAt(rest);
  take(word);
  while (close() || takeSign());
  while (open.length > 0) {
    // The qualifier is within the emphasis or the link: `**Done (v2)**`.
    const before = rest.length;
    const at = endOf(rest, open.at(-1) ?? '');
    if (at === undefined) return undefined;
    qualifier += rest.slice(0, at);
    rest = rest.slice(at);
    if (!close() || rest.length === before) return undefined;
  }
  qualifier = `${qualifier}${rest}`.trim();
  const meaning = meaningOf(word);
  const status = meaning?.status ?? (word === '' ? symbolMeaning(signs[0] ?? '') : undefined);
  if (status === undefined) return undefined;
  return {
    status,
    spelling: spelling.trim(),
    word,
    symbol: signs[0] ?? '',
    isUsual: meaning?.isUsual ?? word === '',
    link,
    qualifier,
  };
}

/** The longest words at the beginning that wt knows, else all of them. */
function wordAt(text: string): string {
  const all = wording.exec(text.slice(0, longest))?.[0] ?? '';
  for (let words = all; words !== ''; words = words.replace(/(?:^|[ _\-/])[^ _\-/]*$/, ''))
    if (meaningOf(words) !== undefined) return words;
  return all;
}

const endOf = (text: string, mark: string): number | undefined => {
  const at = text.indexOf(mark === '[' ? '](' : mark);
  return at < 0 ? undefined : at;
};
