import { describe, expect, it } from 'vitest';
import { conflictLine } from '../../src/domain/conflict-markers.ts';

const text = (...lines: string[]) => `${lines.join('\n')}\n`;
const conflict = ['<<<<<<< HEAD', 'a', '=======', 'b', '>>>>>>> main'];

describe('conflictLine', () => {
  it.each<[string, string, number | undefined]>([
    ['names the line where a conflict begins', text('one', 'two', ...conflict), 3],
    ['knows the conflicts of diff3', text('<<<<<<< a', '||||||| b', '=======', '>>>>>>> c'), 1],
    ['knows them with Windows line ends', conflict.join('\r\n'), 1],
    ['takes a heading for none', text('Title', '=======', '', '>>>>>>> quoted'), undefined],
    ['takes less than all three for none', text('<<<<<<< HEAD', 'a', '>>>>>>> main'), undefined],
    ['takes them in another order for none', text('>>>>>>> main', '=======', '<<<<<<< HEAD'), undefined],
    ['takes what is indented for none', text(...conflict.map((line) => `  ${line}`)), undefined],
    ['takes longer ones for none', text(...conflict.map((line) => `${line[0]}${line}`)), undefined],
  ])('%s', (_, given, line) => expect(conflictLine(given)).toBe(line));

  it('looks for markers of the size that it is told', () => {
    const long = text(...conflict.map((line) => `${line.slice(0, 7)}${line}`));
    expect(conflictLine(long, 14)).toBe(1);
    expect(conflictLine(text(...conflict), 14)).toBeUndefined();
  });
});
