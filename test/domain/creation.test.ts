import { describe, expect, it } from 'vitest';
import type { BranchName } from '../../src/domain/branch-name.ts';
import {
  type CreationPlace,
  type CreationRequest,
  foundFolder,
  planBranch,
  refuseDuplicates,
} from '../../src/domain/creation.ts';
import type { CreationScene } from '../../src/domain/creation-base.ts';
import { type CreationRecord, creationLock } from '../../src/domain/creation-record.ts';
import type { ProjectId } from '../../src/domain/project-id.ts';
import type { RefFacts } from '../../src/domain/ref-facts.ts';
import type { Sha } from '../../src/domain/sha.ts';
import type { Worktree } from '../../src/domain/worktree.ts';
import type { WorktreeFacts } from '../../src/domain/worktree-facts.ts';
import { failureOf } from '../support/config.ts';

const baseSha = 'b'.repeat(40) as Sha;
const tip = 'a'.repeat(40) as Sha;

const request = (more: Partial<Record<keyof CreationRequest, unknown>> = {}): CreationRequest =>
  ({
    argument: 'fix-login',
    projectId: undefined,
    branch: 'fix-login' as BranchName,
    path: '/src/jerry-wt/fix-login',
    existing: false,
    branchGiven: false,
    ...more,
  }) as CreationRequest;

const project = {
  argument: 'PROJ-006-x',
  projectId: 'PROJ-006-x' as ProjectId,
  branch: 'feat/proj-006-x',
  path: '/src/jerry-wt/feat/proj-006-x',
};

const ref = (name: string): RefFacts => ({
  ref: name,
  sha: tip,
  tree: tip,
  committedAt: new Date(0),
  subject: '',
  upstream: undefined,
  symref: undefined,
});

const worktree = (path: string, more: Partial<Record<keyof Worktree, unknown>> = {}): Worktree =>
  ({
    path,
    gitDir: undefined,
    isMain: false,
    head: tip,
    branch: undefined,
    detached: false,
    locked: undefined,
    prunable: undefined,
    facts: undefined,
    ...more,
  }) as Worktree;

const main = worktree('/src/jerry', { isMain: true, branch: 'main' });
const scene = (refs: readonly string[], worktrees: readonly Worktree[] = [], more = {}): CreationScene => ({
  refs: refs.map(ref),
  worktrees: [main, ...worktrees],
  current: '/src/jerry',
  ignoreCase: false,
  ...more,
});
const free: CreationPlace = { kind: 'absent', parent: '/src/jerry-wt', parentIsFolder: true };

const plan = (wanted: CreationRequest, given: CreationScene, place = free) =>
  planBranch(wanted, given, place, baseSha);
const refused = (wanted: CreationRequest, given: CreationScene, place = free) =>
  failureOf(() => plan(wanted, given, place));

describe('planBranch', () => {
  it('makes a new branch at the base', () => {
    expect(plan(request(), scene(['refs/heads/main']))).toEqual({
      start: baseSha,
      makesBranch: true,
      fromRemote: undefined,
    });
  });

  it('uses an empty folder that is there', () => {
    expect(plan(request(), scene([]), { ...free, kind: 'empty-folder' })).toMatchObject({
      makesBranch: true,
    });
  });

  it('refuses a second worktree of a project, whatever its branch is called', () => {
    const bound = worktree('/w/6', {
      branch: 'exp/alt',
      facts: { project_id: 'PROJ-006-x' } as WorktreeFacts,
    });
    expect(refused(request(project), scene([], [bound]))).toMatchObject({
      code: 'worktree_exists',
      details: { path: '/w/6' },
    });
    expect(
      refused(request({ ...project, branch: 'exp/b', branchGiven: true }), scene([], [bound])).code,
    ).toBe('worktree_exists');
  });

  it.each([
    ['its own name in a linked worktree', {}, {}, 'worktree_exists'],
    ['its own name given twice', { branchGiven: true }, {}, 'worktree_exists'],
    ['another name by --branch', { argument: 'other', branchGiven: true }, {}, 'branch_checked_out'],
    ['by --existing', { existing: true }, {}, 'branch_checked_out'],
    ['in the main worktree', {}, { isMain: true }, 'branch_checked_out'],
  ])('refuses a branch that is checked out: %s', (_, wanted, holder, code) => {
    const there = worktree('/elsewhere', { branch: 'fix-login', ...holder });
    expect(refused(request(wanted), scene(['refs/heads/fix-login'], [there])).code).toBe(code);
  });

  it('refuses a path that is registered, and tells what to do when its folder is gone', () => {
    const there = worktree('/src/jerry-wt/fix-login', { branch: 'other' });
    expect(refused(request(), scene([], [there])).code).toBe('worktree_exists');
    const gone = worktree('/src/jerry-wt/fix-login', {
      branch: 'other',
      prunable: 'gitdir file points nowhere',
    });
    expect(refused(request(), scene([], [gone])).hint).toMatch(/git worktree prune/);
    const young = worktree('/src/jerry-wt/fix-login', { branch: 'other', locked: creationLock('1') });
    expect(refused(request(), scene([], [young])).hint).toMatch(/right now/);
  });

  it('refuses a branch that exists, naming the command that checks it out', () => {
    const refusal = refused(request(), scene(['refs/heads/fix-login']));
    expect(refusal).toMatchObject({ code: 'branch_exists' });
    expect(refusal.hint).toContain('wt create fix-login --existing');
    expect(refused(request(project), scene(['refs/heads/feat/proj-006-x'])).hint).toContain(
      'wt create PROJ-006-x --existing',
    );
  });

  it.each([
    ['feat/a', 'feat/a/b'],
    ['feat/a/b', 'feat/a'],
    ['a/b/c', 'a'],
  ])('refuses %s beside %s: one would be a folder of the other', (branch, other) => {
    expect(refused(request({ branch }), scene([`refs/heads/${other}`]))).toMatchObject({
      code: 'branch_exists',
      details: { in_the_way: other },
    });
  });

  it.each(['feat/ab', 'fea', 'a'])('allows feat/a beside %s', (other) => {
    expect(plan(request({ branch: 'feat/a' }), scene([`refs/heads/${other}`]))).toMatchObject({
      start: baseSha,
    });
  });

  it('refuses names that differ only in case where the file system does not tell them apart', () => {
    const insensitive = scene(['refs/heads/Fix-Login'], [], { ignoreCase: true });
    expect(refused(request(), insensitive).message).toMatch(/only in case/);
    expect(plan(request(), scene(['refs/heads/Fix-Login']))).toMatchObject({ makesBranch: true });
    const folder = scene(['refs/heads/Fix-Login/b'], [], { ignoreCase: true });
    expect(refused(request(), folder).code).toBe('branch_exists');
  });

  it.each([
    [{ kind: 'folder' }, /folder with files/],
    [{ kind: 'file' }, /a file/],
    [{ kind: 'symlink' }, /symbolic link/],
    [{ parentIsFolder: false, parent: '/src/jerry-wt' }, /^\/src\/jerry-wt is in the way/],
  ])('refuses a place with %j', (place, message) => {
    const refusal = refused(request(), scene([]), { ...free, ...place } as CreationPlace);
    expect(refusal).toMatchObject({ code: 'path_exists', kind: 'refused' });
    expect(refusal.message).toMatch(message);
  });

  describe('with an existing branch', () => {
    const existing = request({ existing: true });

    it('checks the local one out', () => {
      expect(plan(existing, scene(['refs/heads/fix-login', 'refs/remotes/origin/fix-login']))).toEqual({
        start: tip,
        makesBranch: false,
        fromRemote: undefined,
      });
    });

    it('makes it from the only remote branch of that name', () => {
      expect(
        plan(existing, scene(['refs/remotes/origin/fix-login', 'refs/remotes/origin/x/fix-login'])),
      ).toEqual({
        start: tip,
        makesBranch: true,
        fromRemote: 'origin/fix-login',
      });
    });

    it('does not choose among several remotes', () => {
      const both = scene(['refs/remotes/fork/fix-login', 'refs/remotes/origin/fix-login']);
      expect(refused(existing, both)).toMatchObject({
        code: 'usage',
        hint: expect.stringContaining('--base'),
      });
    });

    it('says that there is none', () => {
      expect(refused(existing, scene(['refs/heads/main']))).toMatchObject({ code: 'base_not_found' });
    });
  });
});

describe('refuseDuplicates', () => {
  it.each([
    ['branch', [request(), request({ path: '/other' })]],
    ['path', [request(), request({ branch: 'other' })]],
  ])('refuses one %s twice', (what, requests) => {
    expect(failureOf(() => refuseDuplicates(requests)).message).toContain(`the same ${what}`);
  });

  it('accepts different ones', () => {
    expect(() => refuseDuplicates([request(), request({ branch: 'b', path: '/b' })])).not.toThrow();
  });
});

describe('foundFolder', () => {
  const unfinished = (path: string, stop: string) => ({ path, stop }) as CreationRecord;

  it('is the innermost folder that is there', () => {
    expect(foundFolder('/src', [])).toBe('/src');
  });

  it('goes above a folder that another unfinished creation made', () => {
    expect(foundFolder('/src/jerry-wt/feat', [unfinished('/src/jerry-wt/feat/b', '/src')])).toBe('/src');
    expect(foundFolder('/src/jerry-wt', [unfinished('/src/jerry-wt/feat/b', '/')])).toBe('/');
  });

  it('stays where the other found the folder too', () => {
    expect(foundFolder('/src/jerry-wt', [unfinished('/src/jerry-wt/feat/b', '/src/jerry-wt')])).toBe(
      '/src/jerry-wt',
    );
    expect(foundFolder('/src/other', [unfinished('/src/jerry-wt/feat/b', '/src')])).toBe('/src/other');
  });
});
