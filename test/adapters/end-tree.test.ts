import { describe, expect, it } from 'vitest';
import { procTable } from '../../src/adapters/processes/proc.ts';
import { psTable } from '../../src/adapters/processes/ps.ts';
import { watchProcesses } from '../../src/adapters/processes.ts';
import type { ProcessIdentity } from '../../src/domain/process.ts';
import { start, testMarker, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

const views = [
  ...(process.platform === 'linux' ? [['/proc', watchProcesses(procTable)] as const] : []),
  ['ps', watchProcesses(psTable)] as const,
];

const leaf = 'console.log(process.pid); setInterval(() => {}, 1e6);';
const away = (code: string) => `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(code)}], { detached: true, cwd: '/', stdio: ['ignore', 'inherit', 'inherit'] });
  child.unref();
`;

/** What a run may leave: a shell's program, how many pids it writes, and whether only the marker leads to them. */
const trees = {
  'a plain child': { program: 'echo $$; sleep 300 & echo $!; wait', pids: 2 },
  'a grandchild in a session of its own': { program: '"$NODE" -e "$AWAY_AND_STAY" & wait', pids: 2, root: 1 },
  'one that ignores SIGTERM': {
    program: 'trap "" TERM; echo $$; sleep 300 & echo $!; wait',
    pids: 2,
    graceMs: 200,
  },
  'a stopped one': { program: 'echo $$; sleep 300 & echo $!; wait', pids: 2, stop: true },
  'a group whose leader exited first': { program: '"$NODE" -e "$LEAF" & read _', pids: 1, byMarker: true },
  'a member without the marker in the group of a leader that exited': {
    program: '"$NODE" -e "$LEAF" & env -i "$(command -v sleep)" 300 & echo $!; read _',
    pids: 2,
    byMarker: true,
  },
  'an orphan that forked twice, left its session and went to /': {
    program: '"$NODE" -e "$AWAY" & read _',
    pids: 1,
    byMarker: true,
  },
} satisfies Record<string, Tree>;
type Tree = {
  readonly program: string;
  readonly pids: number;
  /** Processes of the tree, beside those that write their pid. */
  readonly root?: number;
  readonly byMarker?: boolean;
  readonly stop?: boolean;
  readonly graceMs?: number;
};
const programs = { NODE: process.execPath, LEAF: leaf, AWAY: away(leaf), AWAY_AND_STAY: away(leaf) + leaf };

describe.each(views)(
  'ending a tree seen through %s',
  (_, { endTree, identify, inside, livenessOf, marked, table }) => {
    const seen = (pid: number): ProcessIdentity => {
      const identity = identify(pid);
      if (identity === undefined) throw new Error(`there is no process ${pid}`);
      return identity;
    };

    it.concurrent.each(Object.entries<Tree>(trees))('leaves nothing of %s', async (_name, tree) => {
      const marker = testMarker();
      const env = { ...process.env, ...programs, [marker.name]: marker.value };
      const root = start(['sh', '-c', tree.program], { env });
      const identity = seen(root.pid);
      const pids = (await root.lines(tree.pids)).map(Number);
      const members = pids.map(seen);
      root.child.stdin.end(); // lets `read` return
      root.child.stdin.end();
      if (tree.byMarker) await until(() => root.child.exitCode !== null); // reaped, not only a zombie
      if (tree.stop) {
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        await until(() => pids.every((pid) => table.row(pid)?.state === 'T'));
      }

      const outcome = await endTree({
        roots: [identity],
        ...(tree.byMarker ? { marker } : {}),
        graceMs: tree.graceMs ?? 10_000,
      });

      expect(members.map(livenessOf)).toEqual(members.map(() => 'dead'));
      if (tree.stop) await until(() => root.child.signalCode === 'SIGTERM');
      expect(outcome.survivors).toEqual([]);
      expect(outcome.ended).toHaveLength(tree.pids + (tree.root ?? 0));
      expect(outcome.ended.map(({ pid }) => pid)).toEqual(expect.arrayContaining(pids));
      expect(outcome.ended.every(({ command }) => command !== '')).toBe(true);
    });

    it('leaves alone what is not of the tree', async () => {
      const marker = testMarker();
      const carrying = (value: string) => ({ env: { ...process.env, [marker.name]: value } });
      const root = start(['sh', '-c', 'echo $$; sleep 300; true'], carrying(marker.value));
      const bystanders = [start(['sleep', '300'], carrying(`${marker.value}-not`)), start(['sleep', '300'])];
      await root.lines(1);
      await until(async () => (await marked(marker)).length === 2); // the shell has forked
      const identities = bystanders.map(({ pid }) => seen(pid));
      const outcome = await endTree({ roots: [seen(root.pid)], marker, graceMs: 10_000 });
      expect(outcome.ended).toHaveLength(2);
      expect(identities.map(livenessOf)).toEqual(['alive', 'alive']);
    });

    it('ends what sits in a folder', async () => {
      const folder = temporaryFolder();
      const sitting = start(['sleep', '300'], { cwd: folder });
      await until(async () => (await inside(folder))?.length === 1);
      const outcome = await endTree({ roots: [], cwdInside: folder, graceMs: 10_000 });
      expect(outcome.ended.map(({ pid }) => pid)).toEqual([sitting.pid]);
      expect(await inside(folder)).toEqual([]);
    });

    it('touches neither a pid that was used again nor what another container recorded', async () => {
      const marker = testMarker();
      const env = { ...process.env, [marker.name]: marker.value };
      const stranger = start([process.execPath, '-e', leaf], { env });
      await stranger.lines(1);
      const identity = seen(stranger.pid);
      const reused = await endTree({ roots: [{ ...identity, start_time: '1' }], graceMs: 0 });
      const foreign = await endTree({
        roots: [{ ...identity, pid_namespace: 'pid:[1]' }],
        marker,
        graceMs: 0,
      });
      expect([reused, foreign]).toEqual([
        { ended: [], survivors: [] },
        { ended: [], survivors: [] },
      ]);
      expect(livenessOf(identity)).toBe('alive');
    });

    it('signals nobody whose pid was used again since the look', async () => {
      const stranger = start(['sleep', '300']);
      const identity = seen(stranger.pid);
      let looks = 0;
      const changing = watchProcesses({
        ...table,
        rows: () => (looks++ === 0 ? table.rows() : []),
        rowsOf: (pids) => table.rowsOf(pids).map((row) => ({ ...row, startTime: `${row.startTime} later` })),
      });
      expect(await changing.endTree({ roots: [identity], graceMs: 0 })).toEqual({ ended: [], survivors: [] });
      expect(livenessOf(identity)).toBe('alive');
    });

    it('does not end itself', async () => {
      const marker = testMarker();
      const carrying = { ...table, carrying: () => [process.pid, 1] };
      const watch = watchProcesses(carrying);
      expect(await watch.endTree({ roots: [], marker, graceMs: 0 })).toEqual({ ended: [], survivors: [] });
    });

    it('kills at once when the wait is aborted', async () => {
      const stubborn = start([
        process.execPath,
        '-e',
        `process.on('SIGTERM', () => console.log('no')); ${leaf}`,
      ]);
      await stubborn.lines(1);
      const given = new AbortController();
      const ending = endTree({ roots: [seen(stubborn.pid)], graceMs: 600_000, signal: given.signal });
      expect(await stubborn.lines(1)).toEqual(['no']);
      given.abort();
      expect((await ending).ended.map(({ pid }) => pid)).toEqual([stubborn.pid]);
    });
  },
);
