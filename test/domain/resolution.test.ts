import { describe, expect, it } from 'vitest';
import { resolveByPolicy } from '../../src/application/resolution.ts';
import type { Conflict } from '../../src/domain/conflict.ts';
import { conflictPolicy } from '../../src/domain/conflict-policy.ts';
import type { ConflictedMerge, MergeStage } from '../../src/domain/merge-probe.ts';
import { isWhole, unionCandidates } from '../../src/domain/resolution.ts';
import type { Sha } from '../../src/domain/sha.ts';

const policy = conflictPolicy({ union: ['**'], rows: [], auto: true });
const conflict = (path: string, kind: Conflict['kind'] = 'content'): Conflict => ({
  path,
  kind,
  resolution: null,
});
const stages = (path: string, ...modes: string[]): MergeStage[] =>
  modes.flatMap((mode, index) => (mode === '' ? [] : [{ mode, id: `${index}`, stage: index + 1, path }]));
const plain = '100644';
const tree = 'a'.repeat(40) as Sha;
const merged = (more: Partial<ConflictedMerge> = {}): ConflictedMerge => ({
  tree,
  stages: stages('l', plain, plain, plain),
  records: [{ type: 'contents', paths: ['l'] }],
  ...more,
});
const candidates = (merge: ConflictedMerge, found = [conflict('l')]) => unionCandidates(found, merge, policy);

describe('what a union may try', () => {
  it('are lines of plain files, by their ids', () => {
    expect(candidates(merged())).toEqual({
      candidates: [{ path: 'l', by: 'union', mode: plain, base: '0', ours: '1', theirs: '2' }],
      escalations: [],
    });
    const added = merged({
      stages: stages('l', '', plain, plain),
      records: [{ type: 'add/add', paths: ['l'] }],
    });
    expect(candidates(added, [conflict('l', 'add_add')]).candidates).toMatchObject([{ base: undefined }]);
  });

  it.each([
    [
      'another conflict of the path',
      merged({
        records: [
          { type: 'contents', paths: ['l'] },
          { type: 'rename/rename', paths: ['x', 'l'] },
        ],
      }),
    ],
    ['a type of conflict that is not known', merged({ records: [{ type: 'something new', paths: ['l'] }] })],
    ['modes that differ', merged({ stages: stages('l', plain, plain, '100755') })],
    ['symlinks', merged({ stages: stages('l', '120000', '120000', '120000') })],
    [
      'two things in one place',
      merged({ stages: [...stages('l', plain, plain, plain), ...stages('l', '', plain)] }),
    ],
    ['a side that is missing', merged({ stages: stages('l', plain, plain) })],
  ])('is nothing where there is %s', (_, merge) => {
    expect(candidates(merge)).toMatchObject({
      candidates: [],
      escalations: [{ path: 'l', why: expect.any(String) }],
    });
  });
});

describe('a merge', () => {
  const done = new Set(['l']);
  it('is whole when all that git tells of is resolved', () => {
    expect(isWhole(merged(), [conflict('l')], done)).toBe(true);
    expect(isWhole(merged(), [conflict('l'), conflict('x')], done)).toBe(false);
    expect(isWhole(merged({ stages: stages('x', plain, plain, plain) }), [], done)).toBe(false);
    const split = { type: 'directory rename split', paths: ['d'] };
    expect(isWhole(merged({ records: [...merged().records, split] }), [conflict('l')], done)).toBe(false);
    const unknown = { type: 'something new', paths: ['l'] };
    expect(isWhole(merged({ records: [unknown] }), [conflict('l')], done)).toBe(false);
  });

  it('without conflicts, or without anything for the policy, is left as it is', async () => {
    const scratch = {
      resolve: async () => {
        throw new Error('nothing was to be resolved');
      },
    };
    const clean = { kind: 'clean' as const, tree };
    expect(await resolveByPolicy(scratch, clean, policy)).toEqual({ probe: clean, escalations: [] });
    const probe = { kind: 'conflicts' as const, conflicts: [conflict('src/a.ts')], merged: merged() };
    expect((await resolveByPolicy(scratch, probe, policy)).probe).toEqual(probe);
    const remembered = { kind: 'conflicts' as const, conflicts: [conflict('l')] };
    await expect(resolveByPolicy(scratch, remembered, policy)).rejects.toThrow(TypeError);
  });
});
