import { describe, expect, it } from 'vitest';
import type { ProbePair } from '../../src/domain/merge-probe.ts';
import { parseMergeTreeReplies } from '../../src/domain/merge-tree-reply.ts';
import type { Sha } from '../../src/domain/sha.ts';

const id = (digit: string) => digit.repeat(40) as Sha;
const [ours, theirs, tree] = [id('a'), id('b'), id('c')];
const pair: ProbePair = { ours, theirs };

const stage = (number: number, path: string, blob = String(number), mode = '100644') =>
  `${mode} ${id(blob)} ${number}\t${path}\0`;
const record = (type: string, ...paths: string[]) =>
  `${[paths.length, ...paths, type].join('\0')}\0what people read\n\0`;
const clean = `1\0${tree}\0\0`;
const conflicted = (stages: string, records: string) => `0\0${tree}\0${stages}\0${records}\0`;

const conflictsOf = (stages: string, records: string) => {
  const [probe] = parseMergeTreeReplies(conflicted(stages, records), [pair]);
  return probe?.kind === 'conflicts' ? probe.conflicts.map(({ path, kind }) => [path, kind]) : probe;
};

describe('the replies of merge-tree', () => {
  it('are clean trees and conflicts in the order of the pairs', () => {
    const text = clean + conflicted(stage(2, 'a') + stage(3, 'a'), record('Auto-merging', 'a')) + clean;
    expect(parseMergeTreeReplies(text, [pair, pair, pair])).toEqual([
      { kind: 'clean', tree },
      {
        kind: 'conflicts',
        conflicts: [{ path: 'a', kind: 'add_add', resolution: null }],
        merged: {
          tree,
          stages: [2, 3].map((number) => ({
            mode: '100644',
            id: id(String(number)),
            stage: number,
            path: 'a',
          })),
          records: [], // what went well is none
        },
      },
      { kind: 'clean', tree },
    ]);
  });

  it('count only as far as they are whole', () => {
    const second = conflicted(
      stage(1, 'x') + stage(2, 'x') + stage(3, 'x'),
      record('CONFLICT (contents)', 'x'),
    );
    for (let length = 0; length < second.length; length++) {
      const text = clean + second.slice(0, length);
      expect(parseMergeTreeReplies(text, [pair, pair]), `${length}`).toHaveLength(1);
    }
    expect(parseMergeTreeReplies(clean + second, [pair, pair])).toHaveLength(2);
    expect(parseMergeTreeReplies('', [pair])).toEqual([]);
  });

  it('are refused when they are something else', () => {
    expect(() => parseMergeTreeReplies('hello\0world\0\0', [pair])).toThrow('no answer of merge-tree');
    expect(() => parseMergeTreeReplies(clean + clean, [pair])).toThrow('no answer of merge-tree');
    expect(() => parseMergeTreeReplies(`0\0${tree}\0nonsense\0\0\0`, [pair])).toThrow('no stage');
  });

  it('may end in advice on submodules', () => {
    const stages = [1, 2, 3].map((number) => stage(number, 's', String(number), '160000')).join('');
    const advice = 'Recursive merging with submodules currently\nonly supports trivial cases.\n';
    const text = `0\0${tree}\0${stages}\0${record('CONFLICT (submodule)', 's')}${advice}\0${clean}`;
    const probes = parseMergeTreeReplies(text, [pair, pair]);
    expect(probes.map(({ kind }) => kind)).toEqual(['conflicts', 'clean']);
  });

  it('may name paths with newlines, tabs and spaces', () => {
    expect(conflictsOf(stage(2, 'a\tb\nc d') + stage(3, 'a\tb\nc d'), '')).toEqual([
      ['a\tb\nc d', 'add_add'],
    ]);
  });

  it.each<[string, string, string, [string, string][]]>([
    [
      'three stages',
      stage(1, 'f') + stage(2, 'f') + stage(3, 'f'),
      record('CONFLICT (contents)', 'f'),
      [['f', 'content']],
    ],
    [
      'ours and theirs',
      stage(2, 'f') + stage(3, 'f'),
      record('CONFLICT (contents)', 'f'),
      [['f', 'add_add']],
    ],
    [
      'deleted by theirs',
      stage(1, 'f') + stage(2, 'f'),
      record('CONFLICT (modify/delete)', 'f'),
      [['f', 'modify_delete']],
    ],
    [
      'deleted by ours',
      stage(1, 'f') + stage(3, 'f'),
      record('CONFLICT (modify/delete)', 'f'),
      [['f', 'delete_modify']],
    ],
    [
      'one content with two modes',
      stage(2, 'f', 'd') + stage(3, 'f', 'd', '100755'),
      record('CONFLICT (contents)', 'f'),
      [['f', 'mode']],
    ],
    [
      'two contents with two modes',
      stage(2, 'f') + stage(3, 'f', '3', '100755'),
      record('CONFLICT (contents)', 'f'),
      [['f', 'add_add']],
    ],
    [
      'binary files',
      stage(1, 'f') + stage(2, 'f') + stage(3, 'f'),
      record('CONFLICT (binary)', 'f') + record('Auto-merging', 'f') + record('CONFLICT (contents)', 'f'),
      [['f', 'binary']],
    ],
    [
      'a submodule',
      stage(1, 's', '1', '160000') + stage(2, 's', '2', '160000') + stage(3, 's', '3', '160000'),
      record('CONFLICT (submodule not initialized)', 's'),
      [['s', 'submodule']],
    ],
    [
      'one rename against another',
      stage(2, 'a') + stage(3, 'b') + stage(1, 'f'),
      record('CONFLICT (rename/rename)', 'f', 'a', 'b'),
      [
        ['a', 'rename'],
        ['b', 'rename'],
        ['f', 'rename'],
      ],
    ],
    [
      'a rename against a deletion, also of a changed file',
      stage(1, 'a') + stage(3, 'a'),
      record('CONFLICT (rename/delete)', 'a', 'f') + record('CONFLICT (modify/delete)', 'a'),
      [['a', 'rename']],
    ],
    [
      'a file against a folder, the suffix of the side removed',
      stage(1, `p~${ours}`) + stage(2, `p~${ours}`),
      record('CONFLICT (file/directory)', `p~${ours}`, 'p') + record('CONFLICT (modify/delete)', `p~${ours}`),
      [['p', 'location']],
    ],
    [
      'a suffix with a number',
      stage(3, `p~${theirs}_0`),
      record('CONFLICT (file/directory)', `p~${theirs}_0`, 'p'),
      [['p', 'location']],
    ],
    [
      'two types under one name, as one entry',
      stage(3, 'p', '3', '120000') + stage(1, `p~${ours}`) + stage(2, `p~${ours}`),
      record('CONFLICT (distinct modes)', 'p', `p~${ours}`),
      [['p', 'location']],
    ],
    [
      'a file in a folder that was renamed',
      stage(3, 'e/n'),
      record('CONFLICT (directory rename suggested)', 'e/n', 'd/n'),
      [['e/n', 'location']],
    ],
    [
      'a file in a renamed folder that meets another there',
      stage(2, 'e/n') + stage(3, 'e/n'),
      record('CONFLICT (directory rename suggested)', 'e/n', 'd/n') + record('CONFLICT (contents)', 'e/n'),
      [['e/n', 'add_add']],
    ],
    [
      'a record alone, so that it does not look clean',
      '',
      record('CONFLICT(directory rename unclear split)', 'd') + record('Auto-merging', 'x'),
      [['d', 'location']],
    ],
    [
      'paths in order',
      stage(2, 'z') + stage(3, 'z') + stage(2, 'a') + stage(3, 'a'),
      '',
      [
        ['a', 'add_add'],
        ['z', 'add_add'],
      ],
    ],
    [
      "a name that only looks like git's",
      stage(2, 'p~main') + stage(3, 'p~main'),
      '',
      [['p~main', 'add_add']],
    ],
  ])('classify %s', (_, stages, records, expected) => {
    expect(conflictsOf(stages, records)).toEqual(expected);
  });
});
