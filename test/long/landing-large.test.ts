import { randomFillSync } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { landScene } from '../support/landings.ts';

it('a file of 100 MB is judged, tested by a gate, landed, in conflict and opened for a person', {
  timeout: 600_000,
}, async () => {
  const scene = landScene({ branches: { 'feat/a': { a: 'a\n' }, 'feat/b': { b: 'b\n' } } });
  const large = Buffer.alloc(100 * 1024 * 1024);
  for (const branch of ['feat/a', 'feat/b']) {
    randomFillSync(large, 0, 1024 * 1024);
    writeFileSync(join(scene.at(branch), 'large.bin'), large);
    scene.commit('large', {}, scene.at(branch));
  }
  scene.commit('on', { on: 'on\n' });
  const gate = 'test "$(wc -c < large.bin)" -eq 104857600';
  const dry = await scene.land('merge', 'feat/a', '-n', '--gate', gate);
  expect([dry.code, dry.answers[0]?.status]).toEqual([0, 'dry-run-clean']);
  const landed = await scene.land('merge', 'feat/a', '--gate', gate);
  expect([landed.code, landed.answers[0]?.gates[0]?.cached]).toEqual([0, true]);
  expect(statSync(join(scene.path, 'large.bin')).size).toBe(large.length);
  const clash = await scene.land('merge', 'feat/b', '--resolve');
  expect([clash.code, clash.answers[0]?.left_in_progress]).toEqual([3, true]);
  expect(clash.answers[0]?.conflicts).toEqual([{ path: 'large.bin', kind: 'binary', resolution: null }]);
});
