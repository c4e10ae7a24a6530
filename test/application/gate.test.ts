import { describe, expect, it } from 'vitest';
import { openGate } from '../../src/application/gate.ts';

describe('a gate', () => {
  it('lets its width through, and one more for each that leaves, in order', async () => {
    const gate = openGate(2);
    const inside: string[] = [];
    const enter = async (name: string) => {
      const leave = await gate.enter();
      inside.push(name);
      return leave;
    };
    const [a, b] = await Promise.all([enter('a'), enter('b')]);
    const [c, d] = [enter('c'), enter('d')];
    await Promise.resolve();
    expect(inside).toEqual(['a', 'b']);
    a?.();
    a?.(); // leaving twice lets nobody else in
    const leaveC = await c;
    expect(inside).toEqual(['a', 'b', 'c']);
    b?.();
    const leaveD = await d;
    expect(inside).toEqual(['a', 'b', 'c', 'd']);
    leaveC();
    leaveD();
    await Promise.all([enter('e'), enter('f')]);
    expect(inside).toHaveLength(6);
  });
});
