import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ClaudeTable, procClaudes, psClaudes } from '../../src/adapters/processes/claudes.ts';
import { procTable } from '../../src/adapters/processes/proc.ts';
import { psTable } from '../../src/adapters/processes/ps.ts';
import type { ProcessTable } from '../../src/adapters/processes/table.ts';
import { openSessions } from '../../src/adapters/sessions.ts';
import type { Session } from '../../src/domain/session.ts';
import type { Worktree } from '../../src/domain/worktree.ts';
import { start, testMarker, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

const worktreeAt = (path: string, locked?: string): Worktree => {
  mkdirSync(path, { recursive: true });
  const none = {
    gitDir: undefined,
    head: undefined,
    branch: undefined,
    prunable: undefined,
    facts: undefined,
  };
  return { ...none, path, isMain: false, detached: true, locked };
};

type View = { readonly table?: ProcessTable; readonly claudes?: ClaudeTable };
const open = (home: string, view: View = {}, variables: Record<string, string> = {}) =>
  openSessions({ home, variables, signal: new AbortController().signal, ...view });

/** A process that looks like claude, from its first moment on. */
async function claudeAt(cwd: string, env: NodeJS.ProcessEnv = {}) {
  const script = "printf 'x\\n'; exec -a claude sleep 1000";
  const { pid, lines } = start(['bash', '-c', script], { cwd, env: { ...process.env, ...env } });
  await lines(1);
  await until(() => procClaudes.claudes((place) => place === cwd).some((found) => found.pid === pid));
  return pid;
}

const views: [string, View][] = [
  ['/proc', { table: procTable, claudes: procClaudes }],
  ['ps and lsof', { table: psTable, claudes: psClaudes }],
];

describe.runIf(process.platform === 'linux').each(views)('sessions of claude seen through %s', (_, view) => {
  it('are those that others began, each in the innermost worktree', async () => {
    const root = temporaryFolder();
    const outer = worktreeAt(join(root, 'outer'));
    const inner = worktreeAt(join(root, 'outer', '.claude', 'worktrees', 'inner'));
    mkdirSync(join(inner.path, 'src'));
    const other = worktreeAt(join(root, 'other'));
    const pid = await claudeAt(join(inner.path, 'src'));
    await claudeAt(other.path, { WT_DISPATCH_MARKER: 'of a run' });
    await claudeAt(root);
    expect(await open(root, view).here([outer, inner, other])).toEqual(
      new Map([
        [
          inner.path,
          [
            {
              pid,
              kind: 'interactive',
              session_id: null,
              name: null,
              cwd: join(inner.path, 'src'),
              source: 'process',
            },
          ],
        ],
      ]),
    );
  });
});

describe.runIf(process.platform === 'linux')('sessions of claude', () => {
  const startOf = (pid: number) => procTable.row(pid)?.startTime ?? '';
  const keep = (home: string, pid: number, more: object) => {
    mkdirSync(join(home, '.claude', 'sessions'), { recursive: true });
    const text = JSON.stringify({ pid, kind: 'interactive', procStart: startOf(pid), ...more });
    writeFileSync(join(home, '.claude', 'sessions', `${pid}.json`), text);
  };

  it('carry what claude keeps about them, while that is of the same process', async () => {
    const root = temporaryFolder();
    const worktree = worktreeAt(join(root, 'a'));
    const pid = await claudeAt(worktree.path);
    keep(root, pid, { cwd: worktree.path, kind: 'bg', sessionId: 's-1', name: 'fix it' });
    writeFileSync(join(root, '.claude', 'sessions', '1.json'), '{"pid": 1, ');
    const look = async () => (await open(root).here([worktree]))?.get(worktree.path);
    expect(await look()).toMatchObject([{ pid, kind: 'background', session_id: 's-1', name: 'fix it' }]);
    keep(root, pid, { cwd: worktree.path, kind: 'bg', sessionId: 's-1', procStart: '1' });
    expect(await look()).toMatchObject([{ pid, kind: 'interactive', session_id: null }]);
  });

  it('are found by what claude keeps, where their process looks like another program', async () => {
    const root = temporaryFolder();
    const worktree = worktreeAt(join(root, 'a'));
    const { pid } = start(['sleep', '1000'], { cwd: '/' });
    keep(root, pid, { cwd: worktree.path, sessionId: 's-1' });
    keep(root, 4_194_300, { cwd: worktree.path, sessionId: 'dead' });
    const found = await open(root).here([worktree]);
    expect(found?.get(worktree.path)).toMatchObject([{ pid, source: 'claude', session_id: 's-1' }]);
  });

  it('are one where a script wraps claude', async () => {
    const root = temporaryFolder();
    const worktree = worktreeAt(join(root, 'a'));
    writeFileSync(join(root, 'claude'), '#!/bin/bash\n(exec -a claude sleep 1000) &\necho $!\nwait\n', {
      mode: 0o755,
    });
    const marker = testMarker();
    const env = { ...process.env, [marker.name]: marker.value };
    const [pid] = (await start([join(root, 'claude')], { cwd: worktree.path, env }).lines(1)).map(Number);
    await until(() => procClaudes.claudes((cwd) => cwd === worktree.path).length === 2);
    const found = await open(root).here([worktree]);
    expect(found?.get(worktree.path)).toMatchObject([{ pid }]);
  });

  it('are known by the lock of their worktree, while the process that locked it lives', async () => {
    const root = temporaryFolder();
    const { pid } = start(['sleep', '1000'], { cwd: '/' });
    const lock = (start: string) => `claude agent a1 (pid ${pid}${start})`;
    const locked = (name: string, reason: string) => worktreeAt(join(root, name), reason);
    const alive = locked('alive', lock(` start ${startOf(pid)}`));
    const plain = locked('plain', lock(''));
    const reused = locked('reused', lock(' start 1'));
    const dead = locked('dead', 'claude agent a2 (pid 4194300 start 1)');
    const own = locked('own', `claude agent a3 (pid ${process.pid})`);
    const found = await open(root).here([alive, plain, reused, dead, own]);
    expect([...(found ?? [])]).toMatchObject([
      [alive.path, [{ pid, kind: 'agent', name: 'a1', source: 'lock', cwd: alive.path }]],
      [plain.path, [{ pid }]],
    ]);
  });

  it('are unknown where a claude is seen and not where it works', async () => {
    const root = temporaryFolder();
    const { pid } = start(['sleep', '1000'], { cwd: '/' });
    const claudes: ClaudeTable = {
      claudes: () => [{ pid, kind: 'interactive', cwd: undefined }],
      carrying: () => [],
    };
    const worktree = worktreeAt(join(root, 'a'));
    expect(await open(root, { claudes }).here([worktree])).toBeUndefined();
    keep(root, pid, { cwd: worktree.path });
    expect((await open(root, { claudes }).here([worktree]))?.get(worktree.path)).toMatchObject([{ pid }]);
  });
});

describe('the sessions that claude lists', () => {
  const claudeThat = (root: string, script: string): [string] => {
    mkdirSync(join(root, '.claude', 'jobs'), { recursive: true });
    writeFileSync(join(root, 'claude'), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    return [join(root, 'claude')];
  };

  it('are those in the background too, with or without a process', async () => {
    const root = temporaryFolder();
    const worktree = worktreeAt(join(root, 'a'));
    const listed = [
      {
        id: '929a',
        cwd: worktree.path,
        kind: 'background',
        sessionId: '929a7588',
        name: 'go on',
        state: 'working',
      },
      { pid: 4711, cwd: '/elsewhere', kind: 'interactive', sessionId: 's-2', name: 'x', status: 'idle' },
    ];
    const command = claudeThat(root, `[ "$*" = 'agents --json' ] && echo '${JSON.stringify(listed)}'`);
    const session: Session = {
      pid: null,
      kind: 'background',
      session_id: '929a7588',
      name: 'go on',
      cwd: worktree.path,
      source: 'claude',
    };
    const variables = { PATH: process.env.PATH ?? '' };
    expect(await open(root, {}, variables).listed([worktree], command)).toEqual(
      new Map([[worktree.path, [session]]]),
    );
  });

  it.each([
    ['refuses', 'echo "error: unknown option" >&2; exit 1'],
    ['says something else', 'echo The scripted agent holds no interactive sessions.'],
  ])('are unknown where claude %s', async (_, script) => {
    const root = temporaryFolder();
    const variables = { PATH: process.env.PATH ?? '' };
    expect(await open(root, {}, variables).listed([], claudeThat(root, script))).toBeUndefined();
  });

  it('are not asked for where claude never worked in the background', async () => {
    const root = temporaryFolder();
    expect(await open(root).listed([], [join(root, 'missing')])).toEqual(new Map());
  });
});
