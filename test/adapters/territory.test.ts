import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTerritory } from '../../src/adapters/territory.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

describe('where a path leads', () => {
  it('is told through links, also those that lead to nothing yet', async () => {
    const root = temporaryFolder();
    const at = (name: string) => join(root, name);
    for (const name of ['wt/sub', 'out/dir', 'home']) mkdirSync(at(name), { recursive: true });
    writeFileSync(at('wt/file'), '');
    const links: Record<string, string> = {
      'wt/dir': at('out/dir'),
      'wt/relative': '../out/dir',
      'wt/twice': 'dir',
      'wt/dangling': at('out/new'),
      'wt/deep': '../out/none/../x',
      'wt/up': 'sub/../../out',
      'wt/in': 'sub',
      'wt/round': 'about',
      'wt/about': 'round',
      'wt/self': '/proc/self/cwd',
      whole: 'wt',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, at(name));
    const { leadsTo } = openTerritory(at('home'));
    const expected: [string, string | undefined][] = [
      ['file', 'wt/file'],
      ['new', 'wt/new'],
      ['new/deep/er', 'wt/new/deep/er'],
      ['./sub/../x', 'wt/x'],
      ['../out/x', 'out/x'],
      ['dir/x', 'out/dir/x'],
      ['dir/../x', 'wt/x'], // as text, as claude does
      ['relative/x', 'out/dir/x'],
      ['twice/x', 'out/dir/x'],
      ['dangling', 'out/new'],
      ['dangling/x', 'out/new/x'],
      ['deep', 'out/x'],
      ['up/x', 'out/x'],
      ['in/x', 'wt/sub/x'],
      [at('whole/x'), 'wt/x'],
      ['~/x', 'home/x'],
      [` ${at('out/x')} `, 'out/x'],
      ['file/x', 'wt/file/x'],
      ['round', undefined],
      ['self/x', undefined],
      ['/proc/self/cwd/x', undefined],
      ['/dev/fd/3', undefined],
      ['/dev/stdout', undefined],
      ['nul\0l', undefined],
    ];
    const found = await Promise.all(expected.map(([path]) => leadsTo(path, at('wt'))));
    expect(found).toEqual(expected.map(([, path]) => (path === undefined ? undefined : at(path))));
  });

  it('is whose the innermost checkout is, where a submodule counts to what it is in', async () => {
    const repo = makeRepo();
    const place = (name: string) => join(repo.path, name);
    repo.git('worktree', 'add', '-q', '-b', 'feat/b', place('inner/b'));
    repo.git('worktree', 'add', '-q', '--detach', join(repo.root, 'c'));
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.path, 'sub');
    const { checkoutOf } = openTerritory(repo.home);
    const commonDir = place('.git');
    const main = { path: repo.path, branch: 'main', isMain: true, commonDir };
    expect(await checkoutOf(place('src/none/x'))).toMatchObject(main);
    expect(await checkoutOf(place('sub/README.md'))).toMatchObject(main);
    expect(await checkoutOf(place('README.md/x'))).toMatchObject(main);
    expect(await checkoutOf(place('inner/b/x'))).toMatchObject({
      ...{ path: place('inner/b'), branch: 'feat/b', isMain: false, commonDir },
    });
    expect(await checkoutOf(join(repo.root, 'c'))).toMatchObject({
      branch: undefined,
      isMain: false,
      commonDir,
    });
    expect(await checkoutOf(repo.root)).toBeUndefined();
    expect(await checkoutOf('/')).toBeUndefined();
  });
});
