import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InitAnswer } from '../../src/domain/answers/init.ts';
import { wt } from '../support/bin.ts';
import { file, registry, text, tracker } from '../support/merge-files.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

/** Two branches that conflict for git: in a register by rows that can be merged, in a tracker maybe not. */
function scene(options: { readonly isHard: boolean }) {
  const repo = makeRepo({ name: 'it\'s 100% "x"' });
  const put = (version: string) => {
    mkdirSync(join(repo.path, 'projects/P'), { recursive: true });
    copyFileSync(file(registry, version), join(repo.path, 'projects/README.md'));
    if (options.isHard) copyFileSync(file(tracker, version), join(repo.path, 'projects/P/WORKTRACKER.md'));
    repo.git('add', '-A');
    repo.git('commit', '-q', '-m', version);
  };
  put('base');
  repo.git('checkout', '-q', '-b', 'work');
  put('theirs');
  repo.git('checkout', '-q', 'main');
  put('ours');
  const register = () => readFileSync(join(repo.path, 'projects/README.md'), 'utf8');
  return { repo, register };
}

describe('the merge driver', () => {
  it('is registered once, merges for git, and is taken out to the last byte', async () => {
    const { repo, register } = scene({ isHard: false });
    const [config, attributes] = ['config', 'info/attributes'].map((name) => join(repo.path, '.git', name));
    if (config === undefined || attributes === undefined) throw new Error('no files');
    const before = readFileSync(config, 'utf8').trimEnd(); // git ends its files, a person need not
    writeFileSync(config, before);
    const init = async (...flags: string[]) => {
      const ran = await wt(repo.path, repo.env, ['init', '--merge-drivers', '--json', ...flags]);
      return InitAnswer.parse(ran.json());
    };
    expect(await init('-n')).toMatchObject({ changed: true, file: attributes });
    expect(existsSync(attributes)).toBe(false);
    expect(await init()).toMatchObject({
      changed: true,
      merge_driver: {
        name: 'wt-rows',
        files: ['**/WORKTRACKER.md', 'projects/README.md'],
        config,
        attributes,
      },
    });
    const made = readFileSync(config, 'utf8');
    expect(await init()).toMatchObject({ changed: false });
    expect(readFileSync(config, 'utf8')).toBe(made);
    expect(repo.git('check-attr', 'merge', 'a/WORKTRACKER.md', 'README.md').split('\n')).toEqual([
      'a/WORKTRACKER.md: merge: wt-rows',
      'README.md: merge: unspecified',
    ]);
    repo.git('merge', '-q', '-m', 'Merge work', 'work');
    expect(register()).toBe(text(registry, 'human'));
    expect(repo.git('status', '--porcelain')).toBe('');
    repo.git('reset', '-q', '--hard', 'HEAD~1');
    // Once wt is gone git merges by lines, and its markers are there.
    repo.git(
      'config',
      'merge.wt-rows.driver',
      repo.git('config', 'merge.wt-rows.driver').replaceAll('wt.js', 'gone.js'),
    );
    expect(() => repo.git('merge', '-q', 'work')).toThrow();
    expect(register()).toContain('<<<<<<< ours');
    repo.git('merge', '--abort');
    await init();
    expect(await init('--remove')).toMatchObject({ changed: true, merge_driver: { command: null } });
    expect([readFileSync(config, 'utf8'), existsSync(attributes)]).toEqual([before, false]);
    expect(await init('--remove')).toMatchObject({ changed: false });
  });

  it('leaves markers where a person has to decide, and its file alone when it fails', async () => {
    const { repo } = scene({ isHard: true });
    await wt(repo.path, repo.env, ['init', '--merge-drivers']);
    expect(() => repo.git('merge', '-q', 'work')).toThrow(/WORKTRACKER\.md: line 65 of theirs: BUG-004/);
    expect(repo.git('diff', '--name-only', '--diff-filter=U')).toBe('projects/P/WORKTRACKER.md');
    expect(readFileSync(join(repo.path, 'projects/P/WORKTRACKER.md'), 'utf8')).toMatch(/^<<<<<<< ours$/m);
    const folder = temporaryFolder();
    const drive = (...words: string[]) => wt(folder, repo.env, ['merge-driver', ...words]);
    for (const [name, content] of [
      ['o', 'a\n'],
      ['a', 'b\n'],
      ['b', 'c\n'],
    ] as const)
      writeFileSync(join(folder, name), content);
    const failed = await drive('nowhere', 'a', 'b', 'x');
    expect([failed.code === 0, failed.stderr]).toEqual([false, expect.stringContaining('nowhere')]);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('b\n');
    expect((await drive('o', 'a', 'b', 'x', '9')).code).toBe(1);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe(
      `${'<'.repeat(9)} ours\nb\n=========\nc\n${'>'.repeat(9)} theirs\n`,
    );
    writeFileSync(join(folder, 'a'), 'b\xff\n', 'latin1');
    expect((await drive('a', 'a', 'o', 'x')).code).toBe(0); // git can merge what is no UTF-8
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'o']);
    const help = (await wt(folder, repo.env, ['--help'])).stdout;
    expect([help.includes('merge-file'), help.includes('merge-driver')]).toEqual([true, false]);
  });

  it('makes no difference to what lands: the same tree with it and without, and nothing else in the checkout', async () => {
    const { repo, register } = scene({ isHard: false });
    const linked = join(repo.root, 'work');
    repo.git('worktree', 'add', '-q', linked, 'work');
    const land = async () => {
      const ran = await wt(repo.path, repo.env, ['merge', linked, '--json']);
      const landed = [
        ran.code,
        register(),
        repo.git('rev-parse', 'HEAD^{tree}'),
        repo.git('status', '--porcelain'),
      ];
      repo.git('reset', '-q', '--hard', 'HEAD~1');
      return { landed, answer: ran.json() };
    };
    const without = await land();
    expect(without.answer).toMatchObject({
      status: 'merged',
      conflicts: [{ path: 'projects/README.md', kind: 'content', resolution: 'rows' }],
    });
    expect(without.landed.slice(0, 2)).toEqual([0, text(registry, 'human')]);
    await wt(repo.path, repo.env, ['init', '--merge-drivers']);
    const driver = repo.git('config', 'merge.wt-rows.driver');
    const log = join(repo.root, 'driven');
    repo.git('config', 'merge.wt-rows.driver', `pwd >> '${log}'; ${driver}`);
    const withDriver = await land();
    // git writes its files where it runs, which is not to be the checkout
    expect(readFileSync(log, 'utf8')).not.toContain(`${repo.path}\n`);
    expect(withDriver.landed).toEqual(without.landed);
    expect(withDriver.answer).toMatchObject({ status: 'merged', conflicts: [] });
    const off = await wt(repo.path, repo.env, ['merge', linked, '--json', '-n', '--no-auto']);
    expect(off.json()).toMatchObject({ status: 'dry-run-clean' });
    rmSync(join(repo.path, '.git/info/attributes'));
    const left = await wt(repo.path, repo.env, ['merge', linked, '--json', '-n', '--no-auto']);
    expect(left.json()).toMatchObject({
      status: 'dry-run-conflicts',
      escalations: [{ why: expect.stringContaining('off') }],
    });
  });
});
