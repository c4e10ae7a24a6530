import { afterEach, describe, expect, it, vi } from 'vitest';
import { openNarrator } from '../../src/cli/narrator.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A narrator on a terminal, and everything that it wrote there. */
function onTerminal() {
  const written: string[] = [];
  const { stderr } = process;
  const isTTY = Object.getOwnPropertyDescriptor(stderr, 'isTTY');
  Object.defineProperty(stderr, 'isTTY', { value: true, configurable: true });
  vi.spyOn(stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const narrator = openNarrator({
    format: 'people',
    quiet: false,
    color: false,
    answerColor: false,
    signal: new AbortController().signal,
    hangup: new Promise(() => {}),
  });
  if (isTTY === undefined) Reflect.deleteProperty(stderr, 'isTTY');
  else Object.defineProperty(stderr, 'isTTY', isTTY);
  return { narrator, written };
}

describe('live lines', () => {
  it('are erased from the left, where a Ctrl-C has moved the cursor', () => {
    const { narrator, written } = onTerminal();
    narrator.live(['a  1s', 'b  1s']);
    narrator.note('told');
    expect(written).toEqual([
      'a  1s\nb  1s\n',
      '\r\u001b[2Atold\u001b[K\na  1s\u001b[K\nb  1s\u001b[K\n\u001b[0J',
    ]);
  });

  it('take one line each, also with characters that take two columns', () => {
    const { narrator, written } = onTerminal();
    narrator.live(['日本'.repeat(60)]);
    const [line = ''] = written;
    expect([...line].filter((character) => character === '日' || character === '本').length).toBeLessThan(40);
    expect(line.endsWith('…\n')).toBe(true);
  });
});
