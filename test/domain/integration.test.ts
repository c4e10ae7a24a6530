import { describe, expect, it } from 'vitest';
import type { Divergence } from '../../src/domain/divergence.ts';
import {
  type IntegrationFacts,
  integration,
  needsMergeBaseTree,
  needsProbe,
} from '../../src/domain/integration.ts';
import { areSameBlobs, placelessPatch, touchSamePaths } from '../../src/domain/path-change.ts';
import type { Sha } from '../../src/domain/sha.ts';

const id = (letter: string) => letter.repeat(40) as Sha;
const apart: Divergence = { ahead: 2, behind: 3, mergeBases: [id('c')], missing: [] };
const facts: IntegrationFacts = {
  base: id('a'),
  tip: id('b'),
  divergence: apart,
  probe: { kind: 'clean', tree: id('9') },
  trees: { base: id('1'), tip: id('2'), mergeBase: id('3') },
  hasPatch: false,
};

describe('whether work is in its base', () => {
  it.each<[string, Partial<IntegrationFacts>]>([
    ['same_commit', { tip: id('a'), divergence: undefined }],
    [
      'ancestor',
      {
        divergence: { ...apart, ahead: 0 },
        trees: { base: undefined, tip: undefined, mergeBase: undefined },
      },
    ],
    ['no_added_changes', { trees: { base: id('2'), tip: id('2'), mergeBase: id('2') } }],
    ['trees_match', { trees: { ...facts.trees, base: id('2') }, probe: { kind: 'clean', tree: id('2') } }],
    ['merge_adds_nothing', { probe: { kind: 'clean', tree: id('1') }, hasPatch: true }],
    ['patch_id', { hasPatch: true, probe: { kind: 'conflicts', conflicts: [] } }],
    ['patch_id', { hasPatch: true, probe: { kind: 'unknown', why: 'git crashed' } }],
  ])('is yes: %s, the first that holds', (why, more) => {
    expect(integration({ ...facts, ...more })).toEqual({ kind: 'yes', why });
  });

  it.each<[string, Partial<IntegrationFacts>, 'no' | 'unknown']>([
    ['a merge would add something', {}, 'no'],
    ['a merge would conflict', { probe: { kind: 'conflicts', conflicts: [] } }, 'no'],
    ['the histories are unrelated', { divergence: { ...apart, mergeBases: [] }, probe: undefined }, 'no'],
    ['the history could not be read', { divergence: undefined }, 'unknown'],
    ['the merge could not be tried', { probe: { kind: 'unknown', why: 'git crashed' } }, 'unknown'],
    ['a tree could not be read', { trees: { ...facts.trees, tip: undefined } }, 'unknown'],
  ])('is never a yes where %s', (_, more, kind) => {
    expect(integration({ ...facts, ...more }).kind).toBe(kind);
  });

  it('takes a merge in memory only where both sides have something and a common past', () => {
    expect(needsProbe(apart)).toBe(true);
    expect(needsProbe({ ...apart, ahead: 0 })).toBe(false);
    expect(needsProbe({ ...apart, behind: 0 })).toBe(false);
    expect(needsProbe({ ...apart, mergeBases: [] })).toBe(false);
  });

  it('looks at the merge base only where landing would change nothing', () => {
    expect(needsMergeBaseTree(facts)).toBe(false);
    expect(needsMergeBaseTree({ ...facts, probe: { kind: 'clean', tree: id('1') } })).toBe(true);
    expect(needsMergeBaseTree({ ...facts, divergence: { ...apart, behind: 0 }, probe: undefined })).toBe(
      false,
    );
  });
});

describe('comparing patches', () => {
  const change = (path: string, raw: string) => ({ path, status: 'M', raw });

  it('is worth it only where the same paths are touched', () => {
    expect(touchSamePaths([change('a', '1')], [change('a', '2')])).toBe(true);
    expect(touchSamePaths([change('a', '1')], [change('a', '1'), change('b', '1')])).toBe(false);
    expect(touchSamePaths([], [])).toBe(false);
    expect(areSameBlobs([change('a', '1')], [change('a', '2')])).toBe(false);
  });

  const patch = (blob: string, line: number, text: string) =>
    `diff --git a/x b/x\nindex ${blob} 100644\n--- a/x\n+++ b/x\n@@ -${line},3 +${line},3 @@ f()\n a\n-b\n+${text}\n`;

  it('leaves out where a change was made, and nothing of what it changes', () => {
    expect(placelessPatch(patch('1..2', 10, 'c'))).toBe(placelessPatch(patch('3..4', 90, 'c')));
    expect(placelessPatch(patch('1..2', 10, 'c'))).not.toBe(placelessPatch(patch('1..2', 10, 'd')));
    const binary = (blob: string) => `diff --git a/x b/x\nindex ${blob}\nBinary files a/x and b/x differ\n`;
    expect(placelessPatch(binary('1..2'))).not.toBe(placelessPatch(binary('1..3')));
  });
});
