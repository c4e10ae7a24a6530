import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { auditMerges } from '../../src/application/merge-audit.ts';
import type { Sha } from '../../src/domain/sha.ts';
import {
  historyBundle,
  historyScene,
  landAsGit,
  mergesOf,
  previewAll,
  withTopics,
} from '../support/history.ts';
import { tell } from '../support/tell.ts';

const hour = 3_600_000;

it('the bundle of the tests is what the script beside it makes', () => {
  const scene = historyScene();
  const again = join(scene.repo.root, 'again.bundle');
  const script = fileURLToPath(new URL('../support/history.mjs', import.meta.url));
  execFileSync(process.execPath, [script, again]);
  const heads = (bundle: string) => scene.repo.git('bundle', 'list-heads', bundle);
  expect(heads(again)).toBe(heads(historyBundle));
});

it('wt merge -n of every merge with its sides exchanged says what git merge does', {
  timeout: hour,
}, async () => {
  const scene = historyScene();
  const merges = mergesOf(scene).map((each) => ({ ...each, ours: each.theirs, theirs: each.ours }));
  expect(await previewAll(scene, merges)).toEqual({ clean: 14, conflicts: 14, crashed: 0 });
});

it('-a lands the topics as git does, where the target is checked out nowhere', {
  timeout: hour,
}, async () => {
  const scene = historyScene();
  const topics = withTopics(scene);
  scene.repo.git('checkout', '-q', '--detach');
  const landed = await landAsGit(scene, topics, 'merge', { worktree: [], all: true, auto: false });
  expect(landed.filter(({ status }) => status === 'merged').length).toBeGreaterThan(10);
});

it('squashes of the topics are what git merge --squash makes', { timeout: hour }, async () => {
  const scene = historyScene();
  const topics = withTopics(scene);
  const landed = await landAsGit(scene, topics, 'squash', { auto: false });
  expect(landed.filter(({ status }) => status === 'merged').length).toBeGreaterThan(10);
  expect(scene.repo.git('rev-list', '--merges', '--count', 'main')).toBe(
    scene.clone.git('rev-list', '--merges', '--count', 'HEAD'),
  );
});

const own = fileURLToPath(new URL('../..', import.meta.url));

/** WT_TEST_HISTORY=<repository or bundle with a branch `main`> takes another history. */
it('every merge of another history is previewed as git merges it', { timeout: hour }, async () => {
  const history = process.env.WT_TEST_HISTORY ?? own;
  const scene = historyScene(history);
  const merges = mergesOf(scene);
  const found = await previewAll(scene, merges);
  const tip = scene.repo.git(
    'commit-tree',
    '-m',
    'all',
    ...merges.flatMap(({ commit }) => ['-p', commit]),
    'main^{tree}',
  );
  const audit = await auditMerges(await scene.hub(), { tip: tip as Sha, since: [] });
  const touched = audit.merges.filter(({ outside }) => outside.length > 0);
  tell(`${history}: ${JSON.stringify(found)}, ${touched.length} changed more than their conflicts`);
  for (const { commit, subject, outside } of touched)
    tell(
      `${commit.slice(0, 10)} ${subject}: ${outside.map(({ path, change }) => `${path} ${change}`).join(', ')}`,
    );
});
