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

  it('are told by their beginning when they are too long for what they are, and not kept', () => {
    const path = file();
    const heads: string[] = [];
    const most = (head: string) => (head.startsWith('keep') ? 1_000_000 : 100_000);
    const lines = openLines(path, { most, onLong: (head) => heads.push(head) });
    writeFileSync(path, `short\nskip ${'x'.repeat(200_000)}`);
    expect([...lines.next()]).toEqual(['short']);
    expect(heads).toEqual([]); // it has not ended
    appendFileSync(path, `${'x'.repeat(200_000)}\nkeep ${'y'.repeat(400_000)}\nend\n`);
    expect([...lines.next()].map((line) => line.length)).toEqual([400_005, 3]);
    expect(heads.map((head) => head.slice(0, 6))).toEqual(['skip x']);
    expect(heads[0]?.length).toBeLessThan(100_000);
    appendFileSync(path, `skip ${'z'.repeat(200_000)}`);
    expect([...lines.next()]).toEqual([]);
    expect(lines.last()).toBeUndefined();
    expect(heads).toHaveLength(2);
    expect(lines.last()).toBeUndefined();
    lines.close();
  });

  it('are read from an offset, a budget at a time, and tell where they began', () => {
    const path = file();
    writeFileSync(path, `before\n${'0123456789\n'.repeat(20_000)}`);
    const lines = openLines(path, { from: 7 });
    const first = [...lines.next(100_000)];
    expect(first.length).toBeGreaterThan(9_000);
    expect(first.length).toBeLessThan(13_000);
    const began: number[] = [];
    for (const line of lines.next()) if (line === '0123456789') began.push(lines.began());
    expect(first.length + began.length).toBe(20_000);
    expect(began[0]).toBe(7 + 11 * first.length);
    expect(began.at(-1)).toBe(7 + 11 * 19_999);
    expect(lines.position()).toBe(7 + 220_000);
    lines.close();
  });
});
