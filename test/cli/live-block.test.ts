import { describe, expect, it } from 'vitest';
import { openLiveBlock } from '../../src/cli/live-block.ts';

const esc = String.fromCharCode(27);
const tokens = new RegExp(`${esc}\\[(\\d*)([A-Z])|[^]`, 'g');

/** A terminal of a size, as far as the block uses one: what stands on it, and what has scrolled out of it. */
function screen(columns: number, rows = 10) {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  const put = (character: string) => {
    if (column === size.columns) newline();
    lines[row] =
      (lines[row] ?? '').slice(0, column).padEnd(column) + character + (lines[row] ?? '').slice(column + 1);
    column += 1;
  };
  const newline = () => {
    row += 1;
    column = 0;
    lines[row] ??= '';
  };
  const size = {
    columns,
    rows,
    writes: 0,
    write(text: string) {
      size.writes += 1;
      for (const [token, count, what] of text.matchAll(tokens)) {
        if (what === 'A') row = Math.max(lines.length - size.rows, row - Number(count), 0);
        else if (what === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
        else if (what === 'J') lines.splice(row + 1);
        if (what === 'J') lines[row] = (lines[row] ?? '').slice(0, column);
        if (what !== undefined) continue;
        if (token === '\r') column = 0;
        else if (token === '\n') newline();
        else put(token);
      }
    },
    shown: () => lines.join('\n').trimEnd(),
    /** As a terminal does it that breaks its lines anew. */
    narrow: (to: number) => {
      const broken = lines.flatMap((line) => line.match(new RegExp(`.{1,${to}}`, 'g')) ?? ['']);
      lines.splice(0, lines.length, ...broken);
      size.columns = to;
      row = lines.length - 1;
    },
  };
  return size;
}

describe('live lines', () => {
  it('come and go without a trace, below what is said', () => {
    const terminal = screen(40);
    const block = openLiveBlock(terminal);
    block.show(['a  1s', 'b  1s  a longer line', 'c  1s']);
    block.show(['a  2s', 'c  2s']);
    block.say('b is done');
    expect(terminal.shown()).toBe('b is done\na  2s\nc  2s');
    block.show([]);
    block.say('all done');
    expect(terminal.shown()).toBe('b is done\nall done');
  });

  it('are written at once, and only when they changed', () => {
    const terminal = screen(40);
    const block = openLiveBlock(terminal);
    block.show(['a', 'b']);
    block.show(['a', 'b']);
    block.show(['a', 'c']);
    expect(terminal.writes).toBe(2);
  });

  it('leave nothing behind in a terminal that became narrower', () => {
    const terminal = screen(40);
    const block = openLiveBlock(terminal);
    block.say('begun');
    block.show(['a  1s  a line of twenty-six', 'b  1s']);
    terminal.narrow(12);
    block.show(['a  2s  a line of twenty-six', 'b  2s']);
    expect(terminal.shown()).toBe('begun\na  2s  a l…\nb  2s');
  });

  it('are no more than a screenful', () => {
    const terminal = screen(40, 6);
    const block = openLiveBlock(terminal);
    const lines = (second: number) => [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${n}  ${second}s`);
    for (const second of [1, 2, 3]) block.show(lines(second));
    expect(terminal.shown()).toBe('1  3s\n2  3s\n3  3s\n… and 5 more');
    block.show([]);
    expect(terminal.shown()).toBe('');
  });
});
