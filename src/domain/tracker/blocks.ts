import type { TextLine } from './lines.ts';

/**
 * What a line can be to someone who looks for headings and tables: `text` may be a row, the others are not.
 * `quote` is how many `>` stand before it, `start` where it begins after them and up to three spaces.
 */
export type Block = {
  readonly kind: 'blank' | 'heading' | 'text' | 'rule' | 'other';
  readonly start: number;
  readonly quote: number;
  /** Of a heading. */
  readonly level?: number;
};

const raw = [
  { open: /^<!--/, close: /-->/ },
  { open: /^<(?:pre|script|style|textarea)(?=[\s>]|$)/i, close: /<\/(?:pre|script|style|textarea)>/i },
];

/** The kind of each line: code, comments and front matter are `other`, whatever is written in them. */
export function blocksOf(text: string, lines: readonly TextLine[]): Block[] {
  const blocks: Block[] = [];
  let until: ((content: string) => boolean) | undefined;
  let fenceQuote = 0;
  const front = frontMatter(text, lines);
  for (const [index, line] of lines.entries()) {
    const { quote, start } = within(text, line);
    const content = text.slice(start, line.end);
    if (index < front) {
      blocks.push({ kind: 'other', start, quote });
      continue;
    }
    if (until !== undefined && quote < fenceQuote) until = undefined;
    if (until !== undefined) {
      if (until(content)) until = undefined;
      blocks.push({ kind: 'other', start, quote });
      continue;
    }
    const opened = opening(content);
    if (opened !== undefined) {
      fenceQuote = quote;
      if (!opened.isOver) until = opened.isEnd;
      blocks.push({ kind: 'other', start, quote });
      continue;
    }
    blocks.push({ start, quote, ...kindOf(content) });
  }
  return blocks;
}

/** A line without the `>` of block quotes and up to three spaces. */
function within(text: string, line: TextLine): { quote: number; start: number } {
  const first = text[line.start];
  if (first !== ' ' && first !== '>') return { quote: 0, start: line.start };
  const [prefix = ''] = /^(?: {0,3}> ?)* {0,3}/.exec(text.slice(line.start, line.end)) ?? [];
  return { quote: prefix.split('>').length - 1, start: line.start + prefix.length };
}

function opening(content: string): { isEnd: (content: string) => boolean; isOver: boolean } | undefined {
  const fence = /^(`{3,})[^`]*$|^(~{3,})/.exec(content);
  const mark = fence?.[1] ?? fence?.[2];
  if (mark !== undefined) {
    const isEnd = (later: string) => {
      const [, end = ''] = /^(`+|~+)[ \t]*$/.exec(later) ?? [];
      return end[0] === mark[0] && end.length >= mark.length;
    };
    return { isEnd, isOver: false };
  }
  const html = raw.find(({ open }) => open.test(content));
  if (html === undefined) return undefined;
  return { isEnd: (later) => html.close.test(later), isOver: html.close.test(content) };
}

function kindOf(content: string): { kind: Block['kind']; level?: number } {
  if (/^[ \t]*$/.test(content)) return { kind: 'blank' };
  const heading = /^(#{1,6})(?:[ \t]|$)/.exec(content);
  if (heading !== null) return { kind: 'heading', level: heading[1]?.length ?? 1 };
  if (/^(?:=+|-+)[ \t]*$/.test(content)) return { kind: 'rule', level: content.startsWith('=') ? 1 : 2 };
  // Four spaces or a tab make it code.
  return { kind: /^[ \t]/.test(content) ? 'other' : 'text' };
}

/** How many lines are front matter: YAML between two `---` at the very top. */
function frontMatter(text: string, lines: readonly TextLine[]): number {
  const content = (line: TextLine) => text.slice(line.start, line.end).trimEnd();
  const [first] = lines;
  if (first === undefined || content(first) !== '---') return 0;
  const close = lines.findIndex((line, index) => index > 0 && content(line) === '---');
  const isYaml = (line: string) => /^\s*$|^\s+\S|^#|^- |^["'\w][^|]*:/.test(line);
  return close > 0 && lines.slice(1, close).every((line) => isYaml(content(line))) ? close + 1 : 0;
}
