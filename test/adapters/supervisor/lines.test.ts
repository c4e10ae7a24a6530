import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLines } from '../../../src/adapters/supervisor/lines.ts';
import { temporaryFolder } from '../../support/repo.ts';

const file = () => join(temporaryFolder(), 'stream.jsonl');

describe('the lines of a growing file', () => {
  it('come once each, when they are whole', () => {
    const path = file();
    const lines = openLines(path);
    expect([...lines.next()]).toEqual([]); // there is no file yet
    writeFileSync(path, 'one\ntw');
    expect([...lines.next()]).toEqual(['one']);
    appendFileSync(path, 'o\n\nthr');
    expect([...lines.next()]).toEqual(['two', '']);
    appendFileSync(path, 'ee');
    expect([...lines.next()]).toEqual([]);
    expect(lines.last()).toBe('three');
    expect(lines.last()).toBeUndefined();
    expect(lines.position()).toBe(14);
    lines.close();
  });

  it('are whole also where a character is split between two writes or two chunks', () => {
    const path = file();
    const lines = openLines(path);
    const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
    writeFileSync(path, first);
    expect([...lines.next()]).toEqual([]);
    appendFileSync(path, Buffer.concat([second, Buffer.from('\n')]));
    expect([...lines.next()]).toEqual(['ä']);
    const long = `${'x'.repeat(65_535)}${'ä'.repeat(65_536)}`;
    appendFileSync(path, `${long}\nend\n`);
    expect([...lines.next()]).toEqual([long, 'end']);
    lines.close();
  });

  it('are left out when they are too long, without what they hold being kept', () => {
    const path = file();
    const lines = openLines(path, 10);
    writeFileSync(path, `short\n${'x'.repeat(200_000)}`);
    expect([...lines.next()]).toEqual(['short']);
    expect(lines.last()).toBeUndefined();
    appendFileSync(path, `${'x'.repeat(200_000)}\n0123456789\n01234567890\nend\n`);
    expect([...lines.next()]).toEqual(['0123456789', 'end']);
    lines.close();
  });
});
