import fc from 'fast-check';
import { expect, it } from 'vitest';
import { failures } from '../../src/domain/failure.ts';
import { protectedChanges } from '../../src/domain/protected-paths.ts';

const globs = ['.context/rules/**', 'projects/*/ORCHESTRATION.yaml', 'state'];

it('names the protected paths that a branch changes, without those that were accepted', () => {
  const changed = ['src/a', 'state/b', '.context/rules/x', 'projects/p/ORCHESTRATION.yaml', 'state/b'];
  expect(protectedChanges(changed, globs, [])).toEqual([
    '.context/rules/x',
    'projects/p/ORCHESTRATION.yaml',
    'state/b',
  ]);
  expect(protectedChanges(changed, globs, ['state/b', '.context/**'])).toEqual([
    'projects/p/ORCHESTRATION.yaml',
  ]);
  expect(protectedChanges(changed, [], [])).toEqual([]);
});

it('accepts every path by its own name, whatever characters it has', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), (changed) => {
      expect(protectedChanges(changed, ['**'], changed)).toEqual([]);
    }),
  );
});

it('says with which words they are accepted', () => {
  expect(failures.protectedPaths('feat/x', 'main', ['a b', 'c'])).toMatchObject({
    kind: 'refused',
    code: 'protected_paths',
    hint: "wt merge feat/x --accept 'a b' --accept c when that is meant",
    details: { paths: ['a b', 'c'] },
  });
  expect(failures.protectedPaths('x', 'main', [...'abcd']).hint).toContain("--accept '<path or glob>'");
});
