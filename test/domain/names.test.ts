import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchNameFault } from '../../src/domain/branch-name.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { type Naming, nameWorktree } from '../../src/domain/naming.ts';
import { defaultProjectPattern, parseProjectId, projectNumber } from '../../src/domain/project-id.ts';

const naming: Naming = {
  project_pattern: defaultProjectPattern,
  branch: 'feat/{project_id_lower}',
  path: '{parent}/{repo}-wt/{branch}',
  variable: 'JERRY_PROJECT',
};
const place = { parent: '/src', name: 'jerry' };

const codeOf = (work: () => unknown) => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
};

describe('naming a worktree', () => {
  it('derives branch and path from a project id', () => {
    expect(nameWorktree('PROJ-006-multi-instance', naming, place)).toEqual({
      argument: 'PROJ-006-multi-instance',
      projectId: 'PROJ-006-multi-instance',
      branch: 'feat/proj-006-multi-instance',
      path: '/src/jerry-wt/feat/proj-006-multi-instance',
    });
  });

  it('takes any other valid branch name as it is, without a project', () => {
    expect(nameWorktree('fix-login', naming, place)).toMatchObject({
      projectId: undefined,
      branch: 'fix-login',
      path: '/src/jerry-wt/fix-login',
    });
  });

  it.each([
    'PROJ-6-x',
    'PROJ-000-x',
    'PROJ-001-Upper',
    'proj-001-x',
    'Proj-001-x',
    'PROJ-001',
    'PROJ-001-',
    'PROJ-001-a--b',
    'PROJ-001-1a',
    'PROJ-001-ünï',
    'PROJ-1000-x',
    `PROJ-001-${'a'.repeat(51)}`,
    'PROJ-',
  ])('refuses the project id %s', (name) =>
    expect(codeOf(() => nameWorktree(name, naming, place))).toBe('invalid_project_id'),
  );

  it.each([
    '',
    '../x',
    '-rf',
    'a..b',
    'x.lock',
    'a b',
    'a\nb',
    '.a',
    'a/',
    '/a',
    'a//b',
    'HEAD',
    '@',
    'a@{b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a.',
    'x'.repeat(300),
    'b\uFFFD',
  ])('refuses the branch name %j', (name) =>
    expect(codeOf(() => nameWorktree(name, naming, place))).toBe('invalid_branch'),
  );

  it('accepts what git accepts and refuses what git refuses', () => {
    const part = fc.string({ unit: fc.constantFrom(...'ab./-@{~^:?*[\\ \t#ü'), minLength: 0, maxLength: 8 });
    fc.assert(
      fc.property(part, (name) => {
        let git = true;
        try {
          execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore', cwd: '/' });
        } catch {
          git = false;
        }
        // `@`, `@{-1}` and the like name a branch without being one.
        if (git && (name.includes('@{') || name === '@')) return;
        expect([name, branchNameFault(name) === undefined]).toEqual([name, git]);
      }),
      { numRuns: 150 },
    );
  });

  it('reads the bare number of a project', () => {
    expect(projectNumber(parseProjectId('PROJ-006-x'))).toBe(6);
    expect(projectNumber('fix-login')).toBeUndefined();
  });
});
