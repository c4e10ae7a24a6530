import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openHub } from '../../src/adapters/hub.ts';
import { diff } from '../../src/application/commands/diff.ts';
import type { Ports } from '../../src/application/ports.ts';
import { wt } from '../support/bin.ts';
import { diffScene, filesOf } from '../support/diffs.ts';
import { makeRepo } from '../support/repo.ts';

describe('wt diff', () => {
  it('shows all that the worktree would bring: committed, staged, changed, deleted, untracked', async () => {
    const { repo, path, start } = diffScene();
    const answer = await filesOf(repo, ['work']);
    expect(answer).toMatchObject({ base: start, head: repo.git('rev-parse', 'work') });
    expect(answer.files).toEqual([
      { path: 'a.txt', status: 'M', added: 1, deleted: 1 },
      { path: 'committed.txt', status: 'A', added: 1, deleted: 0 },
      { path: 'gone.txt', status: 'D', added: 0, deleted: 1 },
      { path: 'new/untracked.bin', status: 'A', added: null, deleted: null },
      { path: 'staged.txt', status: 'A', added: 1, deleted: 0 },
    ]);
    const shown = await wt(path, repo.env, ['diff']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain('-two\n+2\n');
    expect(shown.stdout).toContain('diff --git a/new/untracked.bin b/new/untracked.bin\nnew file');
    expect(shown.stdout).not.toContain('main.txt');
  });

  it('leaves the index, the object database and the temporary folder as they were', async () => {
    const { repo, path } = diffScene();
    const index = join(repo.gitIn(path, 'rev-parse', '--absolute-git-dir'), 'index');
    const temporary = join(repo.root, 'tmp');
    mkdirSync(temporary);
    const look = () => ({
      index: readFileSync(index, 'base64'),
      written: statSync(index).mtimeMs,
      objects: repo.git('count-objects', '-v'),
      temporary: readdirSync(temporary),
      status: repo.gitIn(path, '--no-optional-locks', 'status', '--porcelain'),
    });
    const before = look();
    expect(await wt(path, { ...repo.env, TMPDIR: temporary }, ['diff'])).toMatchObject({ code: 0 });
    expect(look()).toEqual(before);
  });

  it('says when there is nothing to compare', async () => {
    const { repo, path } = diffScene();
    expect(await wt(repo.path, repo.env, ['diff'])).toMatchObject({ code: 2 });
    expect(await wt(repo.path, repo.env, ['diff', 'work', '--since', 'dispatch-20260220-001'])).toMatchObject(
      { code: 5 },
    );
    rmSync(path, { recursive: true });
    const gone = await wt(repo.path, repo.env, ['diff', 'work', '--json']);
    expect(gone.json()).toMatchObject({ error: { code: 'file_not_found' } });
    const empty = makeRepo({ empty: true });
    expect(await wt(empty.path, empty.env, ['diff', '^'])).toMatchObject({ code: 5 });
  });

  it('lets git itself start the pager on a terminal', async () => {
    const { repo, path } = diffScene();
    const commands: (readonly string[])[] = [];
    const clock = { now: () => new Date(), monotonicMs: () => 0, uuid: () => crypto.randomUUID() };
    const { signal } = new AbortController();
    const ports = {
      environment: { cwd: () => path, home: repo.home, variables: repo.env, version: '0' },
      narrator: {
        format: 'people',
        tty: { stdin: true, stdout: true, stderr: true, columns: 80 },
        note: () => {},
      },
      terminal: {
        inherit: async (command: readonly string[], { cwd, env }: { cwd: string; env: object }) => {
          commands.push(command);
          expect(cwd).toBe(path);
          expect(env).toHaveProperty('GIT_OBJECT_DIRECTORY');
          return { exitCode: null, signal: 'SIGPIPE' }; // the pager was left early
        },
      },
      hub: () =>
        openHub({ cwd: path, variables: repo.env, clock, home: repo.home, signal, trace: undefined }),
    } as unknown as Ports;
    await diff.run(ports, { worktree: undefined, stat: true, since: undefined, rest: ['src'] });
    expect(commands).toEqual([['git', 'diff', '--stat', expect.any(String), expect.any(String), 'src']]);
  });
});
