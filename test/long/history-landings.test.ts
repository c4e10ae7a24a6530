import { describe, expect, it } from 'vitest';
import { auditMerges } from '../../src/application/merge-audit.ts';
import type { Sha } from '../../src/domain/sha.ts';
import { differing, historyScene, landAsGit, mergesOf, previewAll, withTopics } from '../support/history.ts';

describe('on a real history', () => {
  it('wt merge -n of every merge says what git merge does', { timeout: 300_000 }, async () => {
    const scene = historyScene();
    const found = await previewAll(scene, mergesOf(scene));
    expect(found).toEqual({ clean: 14, conflicts: 14, crashed: 0 });
  });

  it('the topics land as git merge lands them in the same order', { timeout: 300_000 }, async () => {
    const scene = historyScene();
    const topics = withTopics(scene);
    const landed = await landAsGit(scene, topics, 'auto', { auto: false });
    const of = (status: string) => landed.filter((answer) => answer.status === status).length;
    expect(['merged', 'conflicts', 'up-to-date'].map(of)).toEqual([14, 5, 1]);
    expect(scene.repo.git('status', '--porcelain')).toBe('');
  });

  it('the audit leaves honest merges alone and names what the others took away', async () => {
    const scene = historyScene();
    const { repo } = scene;
    const hub = await scene.hub();
    const at = (name: string) => repo.git('rev-parse', name) as Sha;
    const root = repo.git('rev-list', '--max-parents=0', 'main') as Sha;
    const honest = await auditMerges(hub, { tip: at('main'), since: [root] });
    expect(honest.merges.length).toBe(25);
    expect(honest.merges.filter(({ outside }) => outside.length > 0)).toEqual([]);
    expect(honest.unaudited).toEqual([]);

    const gen = Array.from({ length: 12 }, (_, n) => `gen/${String(n + 1).padStart(2, '0')}.txt`);
    const audited = async (branch: string) => {
      const { merges } = await auditMerges(hub, { tip: at(branch), since: [at('main')] });
      return merges.map(({ outside }) => outside);
    };
    expect(await audited('wipes')).toEqual([
      [...gen.map((path) => ({ path, change: 'deleted' })), { path: 'src/format.ts', change: 'reverted' }],
    ]);
    expect(await audited('repaired')).toEqual([[]]);
    const [discarded = []] = await audited('discards');
    scene.clone.at(at('discards~1'));
    const merged = scene.clone.merge(at('main'));
    expect(merged.kind).toBe('clean');
    if (merged.kind !== 'clean') return;
    expect(discarded.map(({ path }) => path)).toEqual(differing(scene, merged.tree, at('discards')));
  });

  it('wt merge refuses what the audit names, and takes it when that is meant', async () => {
    const scene = historyScene();
    const { repo } = scene;
    repo.git('branch', 'begin', repo.git('rev-list', '--max-parents=0', 'main'));
    const merge = (branch: string, into: string, more = {}) => {
      repo.git('worktree', 'add', '-q', '--force', scene.at(branch), branch);
      return scene.merge({ worktree: [branch], into, auto: false, ...more });
    };
    repo.git('branch', 'all', 'main');
    expect(await merge('all', 'begin')).toMatchObject([{ status: 'merged', warnings: [] }]);
    await expect(merge('wipes', 'main')).rejects.toMatchObject({
      code: 'outside_changes',
      details: { branch: 'wipes', paths: expect.arrayContaining(['gen/01.txt', 'src/format.ts']) },
    });
    expect(await merge('repaired', 'main')).toMatchObject([{ status: 'merged' }]);
    expect(await merge('topic/octopus', 'main')).toMatchObject([
      { status: 'merged', warnings: [{ code: 'merge_not_audited' }] },
    ]);
  });
});
