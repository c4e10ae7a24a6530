import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveManifest } from '../../src/domain/archive.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { restamped, stampedPython } from '../../src/domain/provisioning/pre-commit.ts';
import { type RemovalScene, removalScene } from '../support/removals.ts';

const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

async function refused(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
  return 'nothing';
}

const config = ({ repo }: RemovalScene, text: string) =>
  write(join(repo.home, '.config', 'wt', 'config.yaml'), text);

describe('wt cleanup --archive', () => {
  const withReports = () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    write(join(scene.repo.path, '.git', 'info', 'exclude'), '*.log\nreports/\n');
    write(join(path, 'projects', 'PROJ-001-x', 'reports', 'deep', 'a.md'), 'report\n');
    write(join(path, 'projects', 'PROJ-001-x', 'WORKTRACKER.md'), 'rows\n');
    write(join(path, 'big.log'), 'noise\n');
    return { scene, path };
  };

  it('copies what the configuration names, ignored files too, out of the repository before it removes', async () => {
    const { scene, path } = withReports();
    const [answer] = await scene.cleanup({ worktree: ['feat/x'], archive: true, force: true });
    expect(answer).toMatchObject({ removed: true, error: null });
    const folder = answer?.archived ?? '';
    expect(dirname(folder)).toBe(join(scene.repo.root, 'jerry-archive', 'feat/x'));
    expect(readFileSync(join(folder, 'files/projects/PROJ-001-x/reports/deep/a.md'), 'utf8')).toBe(
      'report\n',
    );
    expect(existsSync(join(folder, 'files/projects/PROJ-001-x/WORKTRACKER.md'))).toBe(true);
    expect(existsSync(join(folder, 'files/big.log'))).toBe(false);
    const manifest = ArchiveManifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
    expect(manifest).toMatchObject({
      worktree_path: path,
      branch: 'feat/x',
      base: 'main',
      files: 2,
      runs: [],
    });
    expect(readdirSync(dirname(folder))).toHaveLength(1);
  });

  it('removes nothing when the archive cannot be written, and leaves no archive of what was refused', async () => {
    const { scene, path } = withReports();
    write(join(scene.repo.root, 'in-the-way'), '');
    config(scene, 'archive:\n  path: "{parent}/in-the-way/x"\n');
    expect(await refused(scene.cleanup({ worktree: ['feat/x'], archive: true, force: true }))).toBe(
      'cannot_save',
    );
    expect(existsSync(join(path, 'big.log'))).toBe(true);
    config(scene, '');
    expect(await refused(scene.cleanup({ worktree: ['feat/x'], archive: true }))).toBe('dirty_worktree');
    expect(existsSync(join(scene.repo.root, 'jerry-archive'))).toBe(false);
  });
});

describe('wt cleanup --remote', () => {
  const pushed = () => {
    const scene = removalScene();
    const { repo } = scene;
    const remote = join(repo.root, 'remote.git');
    repo.git('init', '-q', '--bare', remote);
    repo.git('remote', 'add', 'origin', remote);
    scene.add('feat/x', { work: 'a.txt' });
    repo.git('push', '-q', 'origin', 'main', 'feat/x');
    const onRemote = () => repo.git('ls-remote', '--heads', remote).includes('refs/heads/feat/x');
    return { scene, repo, remote, onRemote };
  };

  it('deletes the pushed branch once its work is in the base, and only then', async () => {
    const { scene, repo, onRemote } = pushed();
    const [kept] = await scene.cleanup({ worktree: ['feat/x'], remote: true, force: true });
    expect(kept).toMatchObject({ removed: true, remote_deleted: false });
    expect(kept?.warnings.map(({ code }) => code)).toContain('remote_branch_kept');
    expect(onRemote()).toBe(true);
    await scene.undo();
    repo.git('merge', '-q', '--no-edit', 'feat/x');
    const [gone] = await scene.cleanup({ worktree: ['feat/x'], remote: true });
    expect(gone).toMatchObject({ removed: true, remote_deleted: true, error: null });
    expect(onRemote()).toBe(false);
  });

  it('leaves a branch to which somebody else has pushed since', async () => {
    const { scene, repo, remote, onRemote } = pushed();
    repo.git('merge', '-q', '--no-edit', 'feat/x');
    const clone = join(repo.root, 'clone');
    repo.git('clone', '-q', '-b', 'feat/x', remote, clone);
    repo.commit('theirs', { 'theirs.txt': 'x\n' }, clone);
    repo.git('-C', clone, 'push', '-q');
    const [answer] = await scene.cleanup({ worktree: ['feat/x'], remote: true });
    expect(answer).toMatchObject({ removed: true, remote_deleted: false, error: { code: 'push_rejected' } });
    expect(onRemote()).toBe(true);
    await scene.undo();
    repo.git('fetch', '-q');
    const [seen] = await scene.cleanup({ worktree: ['feat/x'], remote: true });
    expect(seen?.warnings.map(({ code }) => code)).toContain('remote_branch_kept');
    expect(onRemote()).toBe(true);
  });
});

describe('what others share with a removed worktree', () => {
  const hookIn = ({ repo }: RemovalScene, python: string) => {
    const hook = join(repo.path, '.git', 'hooks', 'pre-commit');
    write(
      hook,
      `#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nINSTALL_PYTHON=${python}\nexit 0\n`,
    );
    chmodSync(hook, 0o755);
    return hook;
  };
  const venv = (path: string) => {
    for (const name of ['python', 'pre-commit']) {
      write(join(path, '.venv', 'bin', name), '#!/bin/sh\n');
      chmodSync(join(path, '.venv', 'bin', name), 0o755);
    }
    return join(path, '.venv', 'bin', 'python');
  };

  it("gives pre-commit's hook the interpreter of a survivor, and only that line changes", async () => {
    const scene = removalScene();
    write(join(scene.repo.path, '.git', 'info', 'exclude'), '.venv\n');
    const gone = venv(scene.add('gone'));
    const survivor = venv(scene.add('survivor'));
    const hook = hookIn(scene, gone);
    const before = readFileSync(hook, 'utf8');
    const [answer] = await scene.cleanup({ worktree: ['gone'] });
    expect(answer?.warnings.map(({ code }) => code)).toEqual(['hooks_mended']);
    expect(readFileSync(hook, 'utf8')).toBe(before.replace(gone, survivor));
    expect(statSync(hook).mode & 0o777).toBe(0o755);
  });

  it('tells when no interpreter survives', async () => {
    const scene = removalScene();
    write(join(scene.repo.path, '.git', 'info', 'exclude'), '.venv\n');
    hookIn(scene, venv(scene.add('gone')));
    const [answer] = await scene.cleanup({ worktree: ['gone'] });
    expect(answer?.warnings.map(({ code }) => code)).toEqual(['hooks_broken']);
  });

  it.each(['/a b/python', "/it's/python", '/plain/python'])('stamps %s so that it reads back', (python) => {
    for (const before of ['INSTALL_PYTHON=/old/python', "INSTALL_PYTHON = '/old/python'"]) {
      const hook = restamped(`# File generated by pre-commit\n${before}\nrest\n`, python);
      expect(stampedPython(hook)).toBe(python);
      expect(hook).toMatch(/\nrest\n$/);
    }
  });

  it('names the stashes that were made on the branch', async () => {
    const scene = removalScene();
    const path = scene.add('feat/x');
    write(join(path, 'README.md'), 'changed\n');
    scene.repo.git('-C', path, 'add', '-A');
    scene.repo.git('-C', path, 'stash', 'push', '-q', '-m', 'for later');
    const [preview] = await scene.cleanup({ worktree: ['feat/x'], dryRun: true });
    expect(preview?.warnings).toMatchObject([
      { code: 'stashes_kept', message: expect.stringContaining('stash@{0}') },
    ]);
    expect(preview?.size_bytes).toBeGreaterThan(0);
    const [answer] = await scene.cleanup({ worktree: ['feat/x'] });
    expect(answer?.warnings.map(({ code }) => code)).toEqual(['stashes_kept']);
    expect(scene.repo.git('stash', 'list')).toContain('for later');
  });
});

describe('work that landed elsewhere', () => {
  const squashedUpstream = () => {
    const scene = removalScene();
    const { repo } = scene;
    const remote = join(repo.root, 'remote.git');
    repo.git('init', '-q', '--bare', remote);
    repo.git('remote', 'add', 'origin', remote);
    const path = scene.add('feat/x', { work: 'a.txt' });
    repo.git('push', '-q', '-u', 'origin', 'main');
    return { scene, repo, path };
  };

  it('counts when it is in the upstream of the base', async () => {
    const { scene, repo } = squashedUpstream();
    repo.git('switch', '-qc', 'there');
    repo.git('merge', '-q', '--squash', 'feat/x');
    repo.git('commit', '-qm', 'squashed');
    repo.git('push', '-q', 'origin', 'there:main');
    repo.git('switch', '-q', 'main');
    const [answer] = await scene.cleanup({ worktree: ['feat/x'], dryRun: true });
    expect(answer).toMatchObject({ integrated: 'trees_match', error: null });
  });

  it('counts when gh says that exactly this commit was merged, and not with one commit more', async () => {
    const { scene, repo, path } = squashedUpstream();
    const bin = join(repo.root, 'gh-bin');
    const head = repo.git('rev-parse', 'feat/x');
    write(
      join(bin, 'gh'),
      `#!/bin/sh\necho '[{"number":7,"headRefName":"feat/x","headRefOid":"${head}"}]'\n`,
    );
    chmodSync(join(bin, 'gh'), 0o755);
    const env = { PATH: `${bin}:${repo.env.PATH}` };
    const [answer] = await scene.cleanup({ worktree: ['feat/x'], dryRun: true }, { env });
    expect(answer).toMatchObject({ integrated: 'pull_request', error: null });
    repo.commit('more', { 'b.txt': 'b\n' }, path);
    expect(await refused(scene.cleanup({ worktree: ['feat/x'], dryRun: true }, { env }))).toBe(
      'unmerged_commits',
    );
  });

  it.each(['exit 1', 'echo nonsense', 'echo "{}"'])('does not count when gh says: %s', async (script) => {
    const { scene, repo } = squashedUpstream();
    const bin = join(repo.root, 'gh-bin');
    write(join(bin, 'gh'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'gh'), 0o755);
    const env = { PATH: `${bin}:${repo.env.PATH}` };
    expect(await refused(scene.cleanup({ worktree: ['feat/x'], dryRun: true }, { env }))).toBe(
      'unmerged_commits',
    );
  });
});
