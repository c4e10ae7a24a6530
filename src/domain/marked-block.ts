/**
 * Lines of wt's own in a text file of a person or of git whose comments begin with `#`. The first line of the block
 * tells what was there before, so that taking it out gives that back to the last byte.
 */
export type MarkedBlock = {
  /** What the block is for; one line. */
  readonly title: string;
  readonly lines: readonly string[];
};

const begin = (title: string, was: Was): string => `# >>> ${title}${notes[was]} >>>`;
const end = (title: string): string => `# <<< ${title} <<<`;

/** What was before a block: lines, nothing at all, or a last line without its end. */
type Was = 'lines' | 'nothing' | 'open';
const notes: Readonly<Record<Was, string>> = {
  lines: '',
  nothing: ' (the file is of wt too)',
  open: ' (after a line without an end)',
};

/** The text with the block: where there is one, in its place. */
export function withBlock(text: string | undefined, { title, lines }: MarkedBlock): string {
  const found = text === undefined ? undefined : findBlock(text, title);
  const write = (was: Was) => [begin(title, was), ...lines, end(title)].map((line) => `${line}\n`).join('');
  if (text !== undefined && found !== undefined)
    return text.slice(0, found.start) + write(found.was) + text.slice(found.end);
  if (text === undefined) return write('nothing');
  const isOpen = text !== '' && !text.endsWith('\n');
  return isOpen ? `${text}\n${write('open')}` : text + write('lines');
}

/** The text without the block; `undefined` for a file that held nothing else and was not there before. */
export function withoutBlock(text: string | undefined, title: string): string | undefined {
  const found = text === undefined ? undefined : findBlock(text, title);
  if (text === undefined || found === undefined) return text;
  const after = text.slice(found.end);
  const joins = found.was === 'open' && after === '';
  const rest = text.slice(0, joins ? found.start - 1 : found.start) + after;
  return found.was === 'nothing' && rest === '' ? undefined : rest;
}

/** The first block that is whole: from its end back to the nearest beginning. */
function findBlock(text: string, title: string) {
  const last = `\n${end(title)}\n`;
  for (let close = text.indexOf(last); close !== -1; close = text.indexOf(last, close + 1)) {
    const before = text.slice(0, close + 1);
    const starts = (['lines', 'nothing', 'open'] as const).map((was) => {
      const at = before.lastIndexOf(`\n${begin(title, was)}\n`);
      return { was, start: at === -1 && !before.startsWith(`${begin(title, was)}\n`) ? -1 : at + 1 };
    });
    const nearest = starts.reduce((one, other) => (other.start > one.start ? other : one));
    if (nearest.start !== -1) return { ...nearest, end: close + last.length };
  }
  return undefined;
}
