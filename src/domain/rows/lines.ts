/** A text as its lines without their ends, and what the ends were. */
export type Lines = {
  readonly lines: readonly string[];
  /** The end of all lines; `mixed` lines carry their carriage return, and a text of one open line has none. */
  readonly eol: '\n' | '\r\n' | 'mixed' | undefined;
  /** Whether the last line has an end; `undefined` for an empty text. */
  readonly ended: boolean | undefined;
};

/** The three texts of a merge. */
export type Three<T> = { readonly base: T; readonly ours: T; readonly theirs: T };

/** The same of each text. */
export const each = <A, B>({ base, ours, theirs }: Three<A>, of: (value: A) => B): Three<B> => ({
  base: of(base),
  ours: of(ours),
  theirs: of(theirs),
});

/**
 * The value that a three-way merge gives: what the one side changed, or both alike. `undefined` where both changed it
 * differently; no value is `undefined` itself.
 */
export function pick<T>({ base, ours, theirs }: Three<T>): T | undefined {
  if (ours === theirs || theirs === base) return ours;
  return ours === base ? theirs : undefined;
}

/** Splits texts so that lines compare equal whatever their ends are, unless one of the texts mixes them. */
export function splitLines(texts: Three<string>): Three<Lines> {
  const eols = each(texts, eolOf);
  const isMixed = [eols.base, eols.ours, eols.theirs].includes('mixed');
  return {
    base: split(texts.base, isMixed ? 'mixed' : eols.base),
    ours: split(texts.ours, isMixed ? 'mixed' : eols.ours),
    theirs: split(texts.theirs, isMixed ? 'mixed' : eols.theirs),
  };
}

function eolOf(text: string): Lines['eol'] {
  const all = text.split('\n').length - 1;
  if (all === 0) return undefined;
  const crlf = text.split('\r\n').length - 1;
  if (crlf === 0) return '\n';
  return crlf === all ? '\r\n' : 'mixed';
}

function split(text: string, eol: Lines['eol']): Lines {
  if (text === '') return { lines: [], eol, ended: undefined };
  const lines = text.split(eol === '\r\n' ? '\r\n' : '\n');
  const ended = lines.at(-1) === '';
  return { lines: ended ? lines.slice(0, -1) : lines, eol, ended };
}

/** Lines with the ends that a three-way merge of the texts' ends gives. */
export function joinLines(lines: readonly string[], sources: Three<Lines>): string {
  if (lines.length === 0) return '';
  const eol = known(each(sources, (source) => source.eol)) ?? '\n';
  const ended = known(each(sources, (source) => source.ended)) ?? true;
  const end = eol === 'mixed' ? '\n' : eol;
  return lines.join(end) + (ended ? end : '');
}

/** A merge of what a text need not have: where only one side has it, or the base has not, a side that has it decides. */
function known<T>({ base, ours, theirs }: Three<T | undefined>): T | undefined {
  if (ours === undefined || theirs === undefined) return ours ?? theirs ?? base;
  return base === undefined ? ours : pick({ base, ours, theirs });
}
