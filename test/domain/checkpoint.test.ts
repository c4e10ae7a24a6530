import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointName, checkpointRef, isLeftOut, readCheckpointName } from '../../src/domain/checkpoint.ts';
import { isWorthSaving, nextNumber, superfluous } from '../../src/domain/checkpoint-keeping.ts';
import { checkpointMessage, readCheckpointMessage } from '../../src/domain/checkpoint-message.ts';
import { pathBelow, restorePlan, type StateChange } from '../../src/domain/restore-plan.ts';
import type { Sha } from '../../src/domain/sha.ts';

const dispatchId = 'dispatch-20260220-001';

describe('the name of a checkpoint', () => {
  it('is a dispatch id and a number', () => {
    expect(readCheckpointName(`${dispatchId}/12`)).toEqual({ dispatchId, number: 12 });
    expect(readCheckpointName(`${dispatchId}/0`)).toEqual({ dispatchId, number: 0 });
    const name = { dispatchId, number: 7 };
    expect(readCheckpointName(checkpointRef(name))).toEqual(name);
    expect(checkpointName(name)).toBe(`${dispatchId}/7`);
  });

  it.each([
    '',
    dispatchId,
    `${dispatchId}/`,
    `${dispatchId}/-1`,
    `${dispatchId}/01`,
    `${dispatchId}/1/2`,
    'feat/1',
  ])('is not %j', (text) => expect(readCheckpointName(text)).toBeUndefined());
});

describe('the numbers of checkpoints', () => {
  it('go on after the highest, and begin with 1: 0 is the start', () => {
    expect(nextNumber([])).toBe(1);
    expect(nextNumber([0])).toBe(1);
    expect(nextNumber([0, 3, 17])).toBe(18);
  });

  it('stay few, whatever comes: the first and the latest always, the rest spread over the whole', () => {
    let numbers = [0];
    for (let count = 1; count <= 500; count++) {
      const next = nextNumber(numbers);
      expect(next).toBe(count);
      const all = [...numbers, next];
      const dropped = new Set(superfluous(all));
      numbers = all.filter((number) => !dropped.has(number));
      expect(numbers.length).toBeLessThanOrEqual(20);
      expect(numbers[0]).toBe(0);
      expect(numbers.slice(-5)).toEqual(all.slice(-5));
    }
    const gaps = numbers.slice(1, -5).map((number, at) => number - (numbers[at] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(4 * (500 / 15));
  });

  it('are dropped as they were given, never more than needed, and never one that must stay', () => {
    const numbers = fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 2, max: 25 }), fc.nat(59), (given, most, pick) => {
        const kept = given[pick % given.length] ?? 0;
        const dropped = superfluous(given, { most, kept: new Set([kept]) });
        expect(new Set(dropped).size).toBe(dropped.length);
        expect(given).toEqual(expect.arrayContaining(dropped));
        expect(dropped).not.toContain(kept);
        expect(dropped).not.toContain(Math.min(...given));
        expect(dropped).not.toContain(Math.max(...given));
        const left = given.length - dropped.length;
        expect(left).toBeLessThanOrEqual(Math.max(most + 1, Math.min(given.length, most)));
        if (dropped.length > 0) expect(left).toBeGreaterThanOrEqual(most);
      }),
    );
  });
});

describe('whether a state is saved', () => {
  const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40) as Sha) as [Sha, Sha, Sha];
  const clean = { head: one, headTree: two, tree: two };
  const dirty = { head: one, headTree: two, tree: three };

  it('not when it is the last one, or the commit that the run began with', () => {
    expect(isWorthSaving('run', dirty, { head: one, tree: three }, one)).toBe(false);
    expect(isWorthSaving('run', clean, undefined, one)).toBe(false);
  });

  it('when something is uncommitted that was not saved yet', () => {
    for (const kind of ['start', 'run', 'end'] as const) {
      expect(isWorthSaving(kind, dirty, undefined, one)).toBe(true);
      expect(isWorthSaving(kind, dirty, { head: two, tree: three }, one)).toBe(true);
    }
  });

  it('when commits were made meanwhile, which may be reset away; at the end a branch has them', () => {
    expect(isWorthSaving('run', clean, undefined, three)).toBe(true);
    expect(isWorthSaving('run', clean, { head: one, tree: three }, one)).toBe(true);
    expect(isWorthSaving('end', clean, { head: one, tree: three }, one)).toBe(false);
    expect(isWorthSaving('start', clean, undefined, three)).toBe(false);
  });
});

describe('the message of a checkpoint', () => {
  it('says what it is and what it does not hold, in ASCII, and can be read back', () => {
    const leftOut = [
      { raw: 'big\n\xe9"\\.bin', why: 'too-large' },
      { raw: 'inner/', why: 'repository' },
    ] as const;
    const takenAt = new Date('2026-02-20T10:11:12.345Z');
    const message = checkpointMessage({
      dispatchId,
      number: 3,
      kind: 'end',
      takenAt,
      leftOut: leftOut.map((each) => ({ ...each, path: each.raw })),
    });
    expect(message).toMatch(/^[\n -~]+$/);
    expect(message).toMatch(/^Checkpoint dispatch-20260220-001\/3\n\n/);
    const shown = (raw: string) => `<${raw}>`;
    expect(readCheckpointMessage(message, shown)).toEqual({
      kind: 'end',
      takenAt,
      leftOut: leftOut.map((each) => ({ ...each, path: shown(each.raw) })),
    });
    expect(readCheckpointMessage('some commit\n\nof a person\n', shown)).toBeUndefined();
  });

  it('names folders with all that is in them', () => {
    const leftOut = [
      { raw: 'inner/', path: 'inner/', why: 'repository' },
      { raw: 'big', path: 'big', why: 'too-large' },
    ] as const;
    expect(['inner/x', 'big'].every((raw) => isLeftOut(raw, leftOut))).toBe(true);
    expect(['inner', 'innermost', 'bigger', 'big/x'].some((raw) => isLeftOut(raw, leftOut))).toBe(false);
  });
});

describe('the plan of a restore', () => {
  const change = (path: string, kind: StateChange['kind']): StateChange => ({ path, raw: path, kind });
  const changes = [
    change('a', 'write'),
    change('d/new', 'remove'),
    change('d/old', 'write'),
    change('big', 'left-out'),
    change('sub', 'submodule'),
    change('.env', 'ignored'),
  ];

  it('writes and removes everything when no paths are named, but nothing that the checkpoint cannot know', () => {
    const { apply, files, warnings } = restorePlan(changes, []);
    expect(apply.map(({ path }) => path)).toEqual(['d/new', 'a', 'd/old']);
    expect(files.map(({ status }) => status)).toEqual([
      'restored',
      'removed',
      'restored',
      'kept',
      'kept',
      'kept',
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(['submodule_kept', 'ignored_kept', 'left_out']);
  });

  it('removes before it writes, and changes the rules of what git ignores last', () => {
    const mixed = [
      change('.gitignore', 'write'),
      change('a', 'write'),
      change('b/.gitignore', 'remove'),
      change('c', 'write'),
      change('c/.gitignore', 'remove'),
      change('d', 'remove'),
      change('d/x', 'write'),
    ];
    expect(restorePlan(mixed, []).apply.map(({ path }) => path)).toEqual([
      'c/.gitignore',
      'd',
      'a',
      'c',
      'd/x',
      'b/.gitignore',
      '.gitignore',
    ]);
  });

  it('brings back what is in the named files and folders, and removes nothing', () => {
    const { apply, files, warnings, unmatched } = restorePlan(changes, ['d', 'same', 'a/x']);
    expect(apply.map(({ path }) => path)).toEqual(['d/old']);
    expect(files).toEqual([
      { path: 'd/new', status: 'kept' },
      { path: 'd/old', status: 'restored' },
    ]);
    expect(warnings).toEqual([{ code: 'not_in_checkpoint', message: expect.stringContaining('d/new') }]);
    expect(unmatched).toEqual(['same', 'a/x']);
    expect(restorePlan(changes, ['']).apply.map(({ path }) => path)).toEqual(['a', 'd/old']);
  });
});

it.each([
  ['x', '/w/d', 'd/x'],
  ['./../a//b/', '/w/d', 'a/b'],
  ['..', '/w/d', ''],
  ['/w/é', '/elsewhere', 'é'],
  ['../..', '/w/d', undefined],
  ['../../w2/x', '/w/d', undefined],
  ['/', '/w', undefined],
])('the path %j in %j is, from the top, %j', (path, from, name) =>
  expect(pathBelow('/w', from, path)).toBe(name),
);
