import { describe, expect, it } from 'vitest';
import { trailersOf, withTrailer } from '../../src/domain/trailers.ts';

const id = 'dispatch-20260220-001';
const add = (message: string) => withTrailer(message, 'Wt-Dispatch', id);

describe('a trailer', () => {
  it.each([
    ['a paragraph of its own after a subject', 'feat: x', 'feat: x\n\n'],
    ['after a body', 'feat: x\n\nwhy\n', 'feat: x\n\nwhy\n\n'],
    [
      'with the trailers that are there',
      'x\n\nwhy\n\nSigned-off-by: A <a@b>',
      'x\n\nwhy\n\nSigned-off-by: A <a@b>\n',
    ],
    ['not with a first paragraph that looks like trailers', 'Fix: this', 'Fix: this\n\n'],
    ['not with prose that has a colon', 'x\n\nsee also: that\nand this', 'x\n\nsee also: that\nand this\n\n'],
    [
      'with prose beside a line of git',
      'x\n\nprose\nSigned-off-by: A <a@b>',
      'x\n\nprose\nSigned-off-by: A <a@b>\n',
    ],
    ['after a value of two lines', 'x\n\nA-Key: one\n two', 'x\n\nA-Key: one\n two\n'],
  ])('is %s', (_, message, before) => {
    expect(add(message)).toBe(`${before}Wt-Dispatch: ${id}\n`);
  });

  it('is not there twice in a row', () => {
    expect(add(add('x'))).toBe(add('x'));
    expect(trailersOf(add('x\n\nCo-authored-by: A\n <a@b>'))).toEqual([
      { key: 'Co-authored-by', value: 'A <a@b>' },
      { key: 'Wt-Dispatch', value: id },
    ]);
  });
});
