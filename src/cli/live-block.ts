import { stripVTControlCharacters } from 'node:util';
import { cut } from '../application/table.ts';
import { displayWidth } from '../domain/display-width.ts';

/** The lines at the bottom of a terminal that are replaced in place, and what scrolls away above them. */
export type LiveBlock = {
  readonly show: (lines: readonly string[]) => void;
  /** Writes a message above the lines. */
  readonly say: (message: string) => void;
};

/** The parts of a terminal that a block needs; its size is looked at anew each time. */
type Screen = Pick<NodeJS.WriteStream, 'columns' | 'rows'> & { readonly write: (text: string) => unknown };

const toEndOfLine = '\u001b[K';
const toEndOfScreen = '\u001b[0J';

/** Opens a block. Each line is written over the one before it, so that nothing is blank meanwhile. */
export function openLiveBlock(screen: Screen): LiveBlock {
  /** What stands on the screen now. */
  let shown: readonly string[] = [];
  let wanted: readonly string[] = [];

  // Both are 0 in a terminal without a size.
  const columns = () => screen.columns || 80;
  const rows = () => screen.rows || 24;
  const fit = (line: string) => {
    const plain = stripVTControlCharacters(line);
    return displayWidth(plain) < columns() ? line : cut(plain, columns() - 1);
  };
  /** At most a screenful: the cursor cannot go back to what has scrolled out of it. */
  const visible = (lines: readonly string[]) => {
    const most = Math.max(1, rows() - 2);
    if (lines.length <= most) return lines.map(fit);
    return [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`].map(fit);
  };
  /** The rows that the lines take now: a terminal that became narrower has broken them. */
  const height = () =>
    shown.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / columns())),
      0,
    );
  // The cursor need not stand at the left: the terminal echoes a Ctrl-C as ^C.
  const back = () => (shown.length === 0 ? '' : `\r\u001b[${Math.min(height(), rows() - 1)}A`);

  const draw = (above: string) => {
    const lines = visible(wanted);
    const overwrite = (text: string) => text.replace(/\n/g, `${toEndOfLine}\n`);
    const text = `${above}${lines.map((line) => `${line}\n`).join('')}`;
    const whole = shown.length === 0 ? text : `${back()}${overwrite(text)}${toEndOfScreen}`;
    shown = lines;
    if (whole !== '') screen.write(whole);
  };

  return {
    show: (lines) => {
      wanted = lines;
      const next = visible(lines);
      if (next.length !== shown.length || next.some((line, at) => line !== shown[at])) draw('');
    },
    say: (message) => draw(`${message}\n`),
  };
}
