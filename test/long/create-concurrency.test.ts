import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processes } from '../../src/adapters/processes.ts';
import { WorktreeFacts } from '../../src/domain/worktree-facts.ts';
import { wt } from '../support/bin.ts';
import { testMarker, until } from '../support/children.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { startWt } from '../support/shim.ts';

const full = process.env.WT_TEST_FULL === '1';
const size = full ? { creates: 40, same: 10, killed: 10 } : { creates: 12, same: 4, killed: 3 };

/** A repository with an `origin` that is ahead of it, and a worktree that is done with. */
async function scene() {
  const repo = makeRepo();
  const files = Array.from({ length: full ? 400 : 120 }, (_, n) => [
    `d${n % 7}/f${n}.txt`,
    `${n}\n`.repeat(20),
  ]);
  repo.commit('files', Object.fromEntries(files));
  const origin = join(repo.home, 'origin.git');
  repo.gitIn(repo.home, 'clone', '-q', '--bare', repo.path, origin);
  repo.git('remote', 'add', 'origin', origin);
  const behind = repo.git('rev-parse', 'main');
  const start = repo.commit('ahead');
  repo.git('push', '-q', '-u', 'origin', 'main');
  repo.git('reset', '-q', '--hard', behind);
  expect((await wt(repo.path, repo.env, ['create', 'done-with', '--no-provision'])).code).toBe(0);
  return { repo, start };
}

const branchOf = (id: string) => `feat/${id.toLowerCase()}`;

/** At most that long. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * ms));

/** `whole` or `absent`; anything between fails the test. */
function stateOf(repo: TestRepo, id: string, start: string): 'whole' | 'absent' {
  const branch = branchOf(id);
  const path = join(repo.root, 'jerry-wt', branch);
  const registered = repo
    .git('worktree', 'list', '--porcelain', '-z')
    .includes(`branch refs/heads/${branch}\0`);
  const tip = repo.git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
  if (!registered) {
    expect([id, existsSync(path), tip]).toEqual([id, false, '']);
    return 'absent';
  }
  expect([id, tip]).toEqual([id, start]);
  expect(repo.gitIn(path, 'status', '--porcelain', '--branch')).toBe(`## ${branch}`);
  const gitDir = repo.gitIn(path, 'rev-parse', '--absolute-git-dir');
  expect(WorktreeFacts.parse(JSON.parse(readFileSync(join(gitDir, 'wt.json'), 'utf8')))).toMatchObject({
    project_id: id,
    base: 'main',
    base_ref: 'origin/main',
    base_sha: start,
  });
  return 'whole';
}

describe('many wt create at once', () => {
  it(`keep ${size.creates} apart, ${size.same} of them for one id, ${size.killed} killed, beside a fetch and a cleanup`, {
    timeout: 300_000,
  }, async () => {
    const { repo, start } = await scene();
    const config = readFileSync(join(repo.path, '.git/config'), 'utf8');
    const marker = testMarker();
    const env = { ...repo.env, [marker.name]: marker.value };
    const ids = Array.from({ length: size.creates }, (_, n) =>
      n < size.same ? 'PROJ-001-same' : `PROJ-${String(n).padStart(3, '0')}-own`,
    );
    const order = ids.map((id) => ({ id, rank: Math.random() })).sort((a, b) => a.rank - b.rank);
    const began = performance.now();
    const creates = order.map(({ id }, index) => ({
      id,
      killed: index % Math.floor(size.creates / size.killed) === 0 && index / 4 < size.killed,
      running: startWt(repo.path, env, ['create', id, '--base', 'origin/main', '--json']),
    }));
    const beside = [
      startWt(repo.path, env, ['create', 'PROJ-900-fetching', '--fetch', '--base', 'origin/main', '--json']),
      startWt(repo.path, env, ['cleanup', 'done-with', '--json']),
    ];
    const outcomes = await Promise.all(
      creates.map(async ({ id, killed, running }, index) => {
        // Half of them anywhere in the time that all take together, the others in the middle of their own work.
        const path = join(repo.root, 'jerry-wt', branchOf(id));
        if (killed && index % 8 === 0) void pause(size.creates * 250).then(() => running.kill('SIGKILL'));
        else if (killed) {
          let over = false;
          void running.ended.then(() => {
            over = true;
          });
          void until(() => over || existsSync(path))
            .then(() => pause(60))
            .then(() => running.kill('SIGKILL'));
        }
        const { code, signal } = await running.ended;
        return { id, killed: signal === 'SIGKILL', code, stdout: running.stdout(), stderr: running.stderr() };
      }),
    );
    const [fetching, cleaning] = await Promise.all(beside.map(({ ended }) => ended));
    const elapsed = Math.round(performance.now() - began);

    const recovering = await wt(repo.path, env, ['status', '--json']);
    expect(recovering.code).toBe(0);

    const states = new Map([...new Set(ids)].map((id) => [id, stateOf(repo, id, start)]));
    for (const { id, killed, code, stdout, stderr } of outcomes) {
      if (killed) continue;
      if (id !== 'PROJ-001-same')
        expect([id, code, stdout, stderr]).toMatchObject([id, 0, expect.anything(), expect.anything()]);
      else if (code !== 0) expect([code, JSON.parse(stdout).error.code]).toEqual([4, 'worktree_exists']);
      if (code === 0) expect([id, states.get(id)]).toEqual([id, 'whole']);
    }
    const same = outcomes.filter(({ id }) => id === 'PROJ-001-same');
    const winners = same.filter(({ code }) => code === 0);
    if (winners.length !== 1) expect([winners.length, same.some(({ killed }) => killed)]).toEqual([0, true]);

    expect([fetching?.code, beside[0]?.stderr()]).toMatchObject([0, expect.anything()]);
    expect([cleaning?.code, beside[1]?.stderr()]).toMatchObject([0, expect.anything()]);
    expect(existsSync(join(repo.root, 'jerry-wt/done-with'))).toBe(false);

    const whole = [...states.values()].filter((state) => state === 'whole').length + 1;
    const branches = repo.git('for-each-ref', '--format=%(refname)', 'refs/heads').split('\n');
    expect(branches).toHaveLength(whole + 1);
    expect(readdirSync(join(repo.path, '.git/worktrees'))).toHaveLength(whole);
    expect(readdirSync(join(repo.root, 'jerry-wt/feat'))).toHaveLength(whole);
    expect(readdirSync(join(repo.root, 'jerry-wt'))).toEqual(['feat']);
    expect(repo.git('worktree', 'prune', '--dry-run', '--verbose')).toBe('');
    expect(repo.git('worktree', 'list', '--porcelain')).not.toMatch(/^(locked|prunable)/m);
    expect(readFileSync(join(repo.path, '.git/config'), 'utf8')).toBe(config);
    expect(readdirSync(join(repo.path, '.git/wt/intents')).filter((name) => name.endsWith('.json'))).toEqual(
      [],
    );
    expect(await processes.marked(marker)).toEqual([]);
    if (full) {
      const killed = outcomes.filter((each) => each.killed);
      const left = killed.filter(({ id }) => states.get(id) === 'whole');
      const told = [recovering, ...outcomes].map(({ stderr }) => stderr).join('');
      const count = (pattern: RegExp) => told.match(pattern)?.length ?? 0;
      process.stderr.write(
        `${size.creates} creates in ${elapsed} ms; ${killed.length} killed: ${left.length} of their ids are whole, ` +
          `${count(/^took back/gm)} were taken back, ${count(/is whole, but/g)} were whole and provisioning, ` +
          `${count(/before it began/g)} had not begun; the shared id has ${winners.length} winner\n`,
      );
    }
  });
});
