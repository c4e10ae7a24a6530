import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sha } from '../../../src/domain/sha.ts';
import { mergeScene } from '../../support/merges.ts';

const conflict = '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n';

/** What a branch brings into main, and the gits that this took. */
async function broughtBy(scene: ReturnType<typeof mergeScene>, branch: string) {
  const { git } = await scene.hub();
  const id = (name: string) => scene.repo.git('rev-parse', name) as Sha;
  scene.commands.length = 0;
  const places = await git.markersBrought({ since: id('main'), tip: id(branch) });
  return { places, gits: scene.commands.length };
}

describe('the markers of conflicts that a branch brings', () => {
  it('are looked for by one git where there are none', async () => {
    const scene = mergeScene({ branches: { a: { 'a.md': 'Title\n=======\n' } } });
    expect(await broughtBy(scene, 'a')).toEqual({ places: [], gits: 1 });
  });

  it('are told with their lines, whatever the names of the files', async () => {
    const scene = mergeScene({ base: { 'old.txt': 'one\ntwo\n' } });
    scene.branch('a', (folder) => {
      writeFileSync(join(folder, 'old.txt'), `one\n${conflict}two\n`);
      writeFileSync(join(folder, 'a "name"\n.ts'), conflict);
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]), conflict);
      writeFileSync(join(folder, 'binary'), `\0${conflict}`);
    });
    scene.commit({ 'old.txt': 'one\ntwo\nthree\n', 'elsewhere.txt': conflict });
    const { places } = await broughtBy(scene, 'a');
    expect(places).toEqual([
      { path: 'a "name"\n.ts', line: 1 },
      { path: 'f\\xFF', line: 1 },
      { path: 'old.txt', line: 2 },
    ]);
  });

  it('are none in a file that had some, that only moved, or whose attributes make its markers longer', async () => {
    const scene = mergeScene({ base: { 'had.txt': conflict, 'moved.txt': `${conflict}moved\n` } });
    scene.branch('a', {
      'had.txt': `${conflict}${conflict}`,
      'moved.txt': null,
      'to.txt': `${conflict}moved\n`,
      '.gitattributes': '*.rst conflict-marker-size=20\n',
      'doc.rst': conflict,
    });
    expect((await broughtBy(scene, 'a')).places).toEqual([]);
    scene.branch('b', { 'doc.rst': conflict });
    expect((await broughtBy(scene, 'b')).places).toEqual([{ path: 'doc.rst', line: 1 }]);
  });

  it('are found where both sides have merged each other', async () => {
    const scene = mergeScene({ branches: { a: { 'a.ts': 'a\n' } } });
    scene.commit({ 'main.ts': 'main\n' });
    const [one, other] = ['main', 'a'].map((name) => scene.repo.git('rev-parse', name)) as [string, string];
    scene.repo.git('merge', '-q', '--no-edit', other);
    scene.repo.gitIn(scene.at('a'), 'merge', '-q', '--no-edit', one);
    scene.commit({ 'a.ts': conflict }, scene.at('a'));
    expect(scene.repo.git('merge-base', '--all', 'main', 'a').split('\n')).toHaveLength(2);
    expect((await broughtBy(scene, 'a')).places).toEqual([{ path: 'a.ts', line: 1 }]);
  });
});
