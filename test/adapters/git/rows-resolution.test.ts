import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveByPolicy } from '../../../src/application/resolution.ts';
import { conflictPolicy } from '../../../src/domain/conflict-policy.ts';
import type { Sha } from '../../../src/domain/sha.ts';
import { importCommits } from '../../support/imports.ts';
import { mergeScene } from '../../support/merges.ts';

const fixture = (name: string, version: string) =>
  readFileSync(new URL(`../../fixtures/merge-cases/${name}/${version}.md`, import.meta.url), 'latin1');
const registry = 'd599399ea__projects__README.md';
const tracker = 'c6ab784b8__projects__PROJ-001-oss-release__WORKTRACKER.md';

describe('the conflicts of tables', () => {
  it('are resolved row by row, and told by row where a person has to decide', async () => {
    const scene = mergeScene();
    const version = (name: string) => ({
      'projects/README.md': fixture(registry, name),
      'l.log': `${name}\n`,
      ...(name === 'human' ? {} : { 'WORKTRACKER.md': fixture(tracker, name) }),
    });
    const [base, ours, theirs] = ['base', 'ours', 'theirs'].map(version);
    const without = (tree: Record<string, string> = {}) => ({ ...tree, 'WORKTRACKER.md': '', 'l.log': '' });
    const commits = importCommits(scene.repo, [
      { name: 'base', tree: base ?? {}, parents: [] },
      { name: 'ours', tree: ours ?? {}, parents: ['base'] },
      { name: 'theirs', tree: theirs ?? {}, parents: ['base'] },
      { name: 'base1', tree: without(base), parents: [] },
      { name: 'ours1', tree: without(ours), parents: ['base1'] },
      { name: 'theirs1', tree: without(theirs), parents: ['base1'] },
      { name: 'odd', tree: { 'WORKTRACKER.md': 'a\xff\n' }, parents: [] },
      { name: 'odd1', tree: { 'WORKTRACKER.md': 'b\xff\n' }, parents: ['odd'] },
      { name: 'odd2', tree: { 'WORKTRACKER.md': 'c\xff\n' }, parents: ['odd'] },
    ]);
    const scratch = await (await scene.hub()).landings.openScratch({ keepable: true });
    const policy = conflictPolicy({ union: [], auto: true });
    const resolve = async (one: string, other: string) => {
      const [mine, yours] = [commits.get(one) as Sha, commits.get(other) as Sha];
      const probe = await scratch.probe({ ours: mine, theirs: yours }, { commit: mine, checkout: undefined });
      return resolveByPolicy(scratch, probe, policy);
    };
    try {
      const mixed = await resolve('ours', 'theirs');
      expect(mixed.probe).toMatchObject({
        kind: 'conflicts',
        conflicts: [
          { path: 'WORKTRACKER.md', resolution: null },
          { path: 'l.log', resolution: null },
          { path: 'projects/README.md', resolution: 'rows' },
        ],
      });
      expect(mixed.escalations).toEqual([
        {
          path: 'WORKTRACKER.md',
          why: expect.stringMatching(/^line 65 of theirs: BUG-004 .* the other removed it$/),
        },
        { path: 'l.log', why: undefined },
      ]);
      const clean = await resolve('ours1', 'theirs1');
      expect(clean.probe).toMatchObject({
        kind: 'clean',
        resolved: [{ path: 'projects/README.md', kind: 'content', resolution: 'rows' }],
      });
      if (clean.probe.kind !== 'clean') return;
      const [mine, yours] = [commits.get('ours1') as Sha, commits.get('theirs1') as Sha];
      const commit = await scratch.commit({
        tree: clean.probe.tree,
        parents: [mine, yours],
        message: 'Merge',
        checkout: undefined,
      });
      await scratch.keep(commit);
      const human = fixture(registry, 'human').trim();
      expect(
        Buffer.from(scene.repo.git('cat-file', 'blob', `${commit}:projects/README.md`)).toString('latin1'),
      ).toBe(human);
      expect((await resolve('odd1', 'odd2')).escalations).toEqual([
        { path: 'WORKTRACKER.md', why: 'it is not UTF-8' },
      ]);
    } finally {
      await scratch.close();
    }
  });
});
