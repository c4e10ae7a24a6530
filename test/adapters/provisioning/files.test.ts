import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detailOf, makeSite, type Site, type SiteOptions, statuses } from '../../support/provisioning.ts';

/** A site whose include file has these lines, and files in the main worktree that git does not track. */
function including(
  lines: string,
  untracked: Record<string, string>,
  { files = {}, ...options }: SiteOptions = {},
): Site {
  const site = makeSite({ ...options, files: { '.worktreeinclude': lines, ...files } });
  for (const [name, text] of Object.entries(untracked)) put(join(site.repo.path, name), text);
  return site;
}

function put(path: string, text: string) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Every file below a folder, without `.git`, `README.md` and the like. */
function filesIn(folder: string): string[] {
  const tracked = ['.git', 'README.md', '.worktreeinclude', '.gitignore'];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !tracked.includes(name) && !name.startsWith('.git/'))
    .sort();
}

const text = (site: Site, name: string) => readFileSync(join(site.worktree, name), 'utf8');

describe('the files that the include file names', () => {
  it('come along when git ignores them: nested, negated, with spaces and newlines in their names', async () => {
    const site = including(
      '# secrets\n*.env\n!public.env\n/config/local/\n.local/*\n!.local/cache\nnotes.txt\nseen.txt\n',
      {
        '.env': 'A=1\n',
        'deep/er/x y.env': '2',
        'new\nline.env': '3',
        'public.env': 'no',
        'config/local/a/b.json': '{}',
        'elsewhere/config/local/c': 'no',
        '.local/keep': 'k',
        '.local/cache': 'no',
        'notes.txt': 'not ignored',
      },
      { files: { '.gitignore': '*.env\nlocal/\n.local/\n', 'seen.txt': 'tracked' } },
    );
    const done = await site.provision();
    expect(statuses(done)).toEqual({ files: 'ran' });
    expect(detailOf(done, 'files')).toBe('5 files');
    expect(filesIn(site.worktree)).toEqual(
      ['.env', '.local/keep', 'config/local/a/b.json', 'deep/er/x y.env', 'new\nline.env', 'seen.txt'].sort(),
    );
    expect(text(site, '.env')).toBe('A=1\n');
    expect(done.warnings).toMatchObject([{ code: 'file_not_copied' }]);
    expect(done.warnings[0]?.message).toContain('notes.txt');
    expect(site.gitStatus()).toBe('');
    expect(statuses(await site.provision())).toEqual({ files: 'unchanged' });
  });

  it('keep bytes in their names that are not UTF-8', async () => {
    const site = including('*.env\n', {}, { files: { '.gitignore': '*.env\n' } });
    const name = Buffer.from([0x62, 0xff, 0x2e, 0x65, 0x6e, 0x76]);
    writeFileSync(Buffer.concat([Buffer.from(`${site.repo.path}/`), name]), 'x');
    await site.provision();
    expect(existsSync(Buffer.concat([Buffer.from(`${site.worktree}/`), name]))).toBe(true);
    expect(statuses(await site.provision())).toEqual({ files: 'unchanged' });
  });

  it('keep mode, time and symbolic links as they are written', async () => {
    const site = including('.local/\n', { '.local/run.sh': 'x' }, { files: { '.gitignore': '.local/\n' } });
    const local = join(site.repo.path, '.local');
    chmodSync(join(local, 'run.sh'), 0o750);
    utimesSync(join(local, 'run.sh'), 1_000_000, 1_000_000);
    chmodSync(local, 0o700);
    symlinkSync('run.sh', join(local, 'near'));
    symlinkSync('../../../outside', join(local, 'out'));
    put(join(site.repo.root, 'outside', 'secret'), 's');
    symlinkSync(join(site.repo.root, 'outside'), join(local, 'abroad'));
    await site.provision();
    const there = join(site.worktree, '.local');
    expect(filesIn(there)).toEqual(['abroad', 'near', 'out', 'run.sh']);
    expect([readlinkSync(join(there, 'near')), readlinkSync(join(there, 'out'))]).toEqual([
      'run.sh',
      '../../../outside',
    ]);
    expect(lstatSync(join(there, 'abroad')).isSymbolicLink()).toBe(true);
    expect(statSync(join(there, 'run.sh')).mode & 0o777).toBe(0o750);
    expect(statSync(join(there, 'run.sh')).mtimeMs).toBe(1_000_000_000);
    expect(statSync(there).mode & 0o777).toBe(0o700);
  });

  it('never leave the worktree, neither by a pattern nor through a link in the tree', async () => {
    const site = including(
      '../x\n/../../x\n*.env\n',
      { 'config/a.env': '1', 'sub/b.env': '2', 'ok.env': '3' },
      { files: { '.gitignore': '*.env\n' } },
    );
    put(join(site.repo.root, 'x'), 'outside');
    const target = join(site.repo.root, 'target');
    mkdirSync(target);
    symlinkSync(target, join(site.worktree, 'config'));
    writeFileSync(join(site.worktree, 'sub'), 'a file');
    const done = await site.provision();
    expect(readdirSync(target)).toEqual([]);
    expect(text(site, 'ok.env')).toBe('3');
    expect(text(site, 'sub')).toBe('a file');
    expect(done.warnings.map(({ message }) => message.split(' ')[0])).toEqual(['config/a.env', 'sub/b.env']);
    expect(done.provisioned).toBe(true);
  });

  it('are never overwritten, also with --force, which names those that differ', async () => {
    const site = including(
      '*.env\n',
      { 'a.env': 'main', 'b.env': 'same' },
      { files: { '.gitignore': '*.env\n' } },
    );
    writeFileSync(join(site.worktree, 'a.env'), 'mine');
    writeFileSync(join(site.worktree, 'b.env'), 'same');
    expect((await site.provision()).warnings).toEqual([]);
    const forced = await site.provision({ force: true });
    expect(forced.warnings).toMatchObject([{ code: 'file_kept' }]);
    expect(forced.warnings[0]?.message).toMatch(/a\.env$/);
    expect(text(site, 'a.env')).toBe('mine');
  });

  it('are completed after a copy that was killed, as long as no copy ended well', async () => {
    const site = including('*.env\n', { 'a.env': 'A=1\nB=2\n' }, { files: { '.gitignore': '*.env\n' } });
    writeFileSync(join(site.worktree, 'a.env'), 'A=1\nB');
    await site.provision();
    expect(text(site, 'a.env')).toBe('A=1\nB=2\n');
    writeFileSync(join(site.worktree, 'a.env'), 'A=1\n');
    expect(statuses(await site.provision({ force: true }))).toEqual({ files: 'unchanged' });
    expect(text(site, 'a.env')).toBe('A=1\n');
  });

  it('are other repositories, worktrees and environments least of all', async () => {
    const site = including(
      '.claude/\nnode_modules/.cache\n*.env\nvenv/\n.venv/\n',
      {
        'venv/pyvenv.cfg': '',
        'venv/lib/x': '',
        '.venv/x': '',
        '.claude/settings.local.json': '{}',
        'node_modules/.cache/x': '1',
      },
      { files: { '.gitignore': '.claude/\nvenv/\n.venv/\nnode_modules/\n*.env\n' } },
    );
    const { repo } = site;
    repo.git('worktree', 'add', '-q', '-b', 'nested', join(repo.path, '.claude/worktrees/nested'));
    put(join(repo.path, '.claude/worktrees/nested/n.env'), 'n');
    repo.git('worktree', 'add', '-q', '-b', 'broken', join(repo.path, '.claude/worktrees/broken'));
    put(join(repo.path, '.claude/worktrees/broken/n.env'), 'n');
    rmSync(join(repo.path, '.claude/worktrees/broken/.git'));
    repo.git('init', '-q', join(repo.path, '.claude/other'));
    put(join(repo.path, '.claude/other/o.env'), 'o');
    const done = await site.provision();
    expect(filesIn(site.worktree)).toEqual(['.claude/settings.local.json', 'node_modules/.cache/x']);
    expect(done.warnings).toEqual([]);
    expect(existsSync(join(site.worktree, '.claude/other'))).toBe(false);
    expect(statuses(await site.provision({ check: true }))).toEqual({ files: 'unchanged' });
  });

  it('are not looked for in node_modules unless the file names it', async () => {
    const ignored = { files: { '.gitignore': 'node_modules/\n.env\n' } };
    const site = including('.env\n', { '.env': '1', 'node_modules/p/.env': '2' }, ignored);
    await site.provision();
    expect(filesIn(site.worktree)).toEqual(['.env']);
  });

  it('come from a folder that ignores itself, whose .gitignore comes along', async () => {
    const site = including('cache/\n', { 'cache/.gitignore': '*\n', 'cache/a': '1' });
    await site.provision();
    expect(filesIn(site.worktree)).toEqual(['cache/.gitignore', 'cache/a']);
    expect(site.gitStatus()).toBe('');
  });

  it('are judged by the rules of the branch that they come to', async () => {
    const site = including(
      '*.env\n*.key\n',
      { 'a.env': '1', 'b.key': '2' },
      { files: { '.gitignore': '*.env\n' } },
    );
    const { repo, worktree } = site;
    repo.commit('other rules', { '.gitignore': '*.key\n' }, worktree);
    await site.provision();
    expect(filesIn(worktree)).toEqual(['b.key']);
    expect(site.gitStatus()).toBe('');
  });

  it("are those of the main worktree's file, or of the branch's where main has none", async () => {
    const site = makeSite({ files: { '.gitignore': '*.env\n' } });
    put(join(site.repo.path, 'a.env'), '1');
    put(join(site.repo.path, 'b.env'), '2');
    site.repo.commit('include', { '.worktreeinclude': 'a.env\n' }, site.worktree);
    await site.provision();
    expect(filesIn(site.worktree)).toEqual(['a.env']);
    put(join(site.repo.path, '.worktreeinclude'), 'b.env\n');
    await site.provision();
    expect(filesIn(site.worktree)).toEqual(['a.env', 'b.env']);
  });

  it('have no source in a bare hub, which is a warning', async () => {
    const site = makeSite({ bare: true, files: { '.worktreeinclude': '*.env\n' } });
    const done = await site.provision();
    expect(statuses(done)).toEqual({ files: 'skipped' });
    expect(done).toMatchObject({ provisioned: true, warnings: [{ code: 'nothing_to_copy_from' }] });
  });

  it('that are new in main are drift', async () => {
    const site = including('*.env\n', { 'a.env': '1' }, { files: { '.gitignore': '*.env\n' } });
    await site.provision();
    put(join(site.repo.path, 'b.env'), '2');
    const check = await site.provision({ check: true });
    expect(detailOf(check, 'files')).toBe('drift: 1 file is missing: b.env');
    expect(existsSync(join(site.worktree, 'b.env'))).toBe(false);
  });

  it('are not written through a link that appears after the look', async () => {
    const site = including('*.env\n', { 'sub/b.env': '2' }, { files: { '.gitignore': '*.env\n' } });
    const { provisioning } = await site.hub();
    const target = join(site.repo.root, 'target');
    mkdirSync(target);
    symlinkSync(target, join(site.worktree, 'sub'));
    const signal = new AbortController().signal;
    const paths = [Buffer.from('sub/b.env')];
    const end = await provisioning.copyFiles(paths, site.repo.path, site.worktree, { signal, resume: false });
    expect(end).toMatchObject({ copied: 0, failed: [{ path: 'sub/b.env' }] });
    expect(readdirSync(target)).toEqual([]);
  });

  it('come along apart from one that is gone since it was looked for, which is named', async () => {
    const site = including('*.env\n', { 'b.env': '2' }, { files: { '.gitignore': '*.env\n' } });
    const { provisioning } = await site.hub();
    const paths = [Buffer.from('missing/deep.env'), Buffer.from('b.env')];
    const signal = new AbortController().signal;
    const end = await provisioning.copyFiles(paths, site.repo.path, site.worktree, { signal, resume: false });
    expect(end).toMatchObject({ copied: 1, failed: [{ path: 'missing/deep.env' }] });
    expect(filesIn(site.worktree)).toEqual(['b.env']);
  });
});
