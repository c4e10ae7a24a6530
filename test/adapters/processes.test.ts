import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseStat, procTable } from '../../src/adapters/processes/proc.ts';
import { parseDirectories, parseRows, psTable } from '../../src/adapters/processes/ps.ts';
import { watchProcesses } from '../../src/adapters/processes.ts';
import { ProcessIdentity } from '../../src/domain/process.ts';
import { start, testMarker, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

const views = [
  ...(process.platform === 'linux' ? [['/proc', watchProcesses(procTable)] as const] : []),
  ['ps', watchProcesses(psTable)] as const,
];

describe.each(views)(
  'processes seen through %s',
  (_, { identify, livenessOf, ownIdentity, marked, inside }) => {
    it('knows itself', () => {
      const own = ownIdentity();
      expect(ProcessIdentity.parse(own)).toEqual(own);
      expect(own).toMatchObject({ pid: process.pid, hostname: hostname() });
      expect(own.start_time).not.toBe('');
      expect(livenessOf(own)).toBe('alive');
    });

    it('sees a process live and die', async () => {
      const { child, pid } = start(['sleep', '300']);
      const identity = identify(pid);
      expect(identity?.pid).toBe(pid);
      expect(identity && livenessOf(identity)).toBe('alive');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      expect(identify(pid)).toBeUndefined();
      expect(identity && livenessOf(identity)).toBe('dead');
    });

    it('takes a process of another start time for another process', () => {
      expect(livenessOf({ ...ownIdentity(), start_time: 'Thu Jan  1 00:00:01 1970' })).toBe('dead');
    });

    it('does not judge what was recorded in another container', () => {
      const own = ownIdentity();
      expect(livenessOf({ ...own, pid_namespace: 'pid:[1]' })).toBe('unknown');
      const host = { hostname: `not-${own.hostname}`, boot_id: 'another' };
      expect(livenessOf({ ...own, ...host, pid: 999_999_999 })).toBe('unknown');
    });

    it('counts a zombie as dead', async () => {
      // sleep, which the shell becomes, never reaps the shell's child.
      const parent = start(['sh', '-c', 'sleep 300 & echo $!; exec sleep 300']);
      const [pid] = (await parent.lines(1)).map(Number);
      if (pid === undefined) throw new Error('no pid');
      await until(() =>
        execFileSync('ps', ['-o', 'command=', '-p', String(parent.pid)], { encoding: 'utf8' }).startsWith(
          'sleep',
        ),
      );
      const identity = identify(pid);
      process.kill(pid, 'SIGKILL');
      await until(() =>
        execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
          .trim()
          .startsWith('Z'),
      );
      expect(() => process.kill(pid, 0)).not.toThrow();
      expect(identity && livenessOf(identity)).toBe('dead');
      expect(identify(pid)).toBeUndefined();
    });

    it('finds what carries a marker, not what only names it in its arguments', async () => {
      const marker = testMarker();
      const text = `${marker.name}=${marker.value}`;
      const code = 'console.log("up"); setInterval(() => {}, 1e6)';
      const carrier = start([process.execPath, '-e', code], {
        env: { ...process.env, [marker.name]: marker.value },
      });
      const longer = start([process.execPath, '-e', code], {
        env: { ...process.env, [marker.name]: `${marker.value}0` },
      });
      const talker = start([process.execPath, '-e', code, text]);
      await Promise.all([carrier.lines(1), longer.lines(1), talker.lines(1)]);
      const found = await marked(marker);
      expect(found.map(({ pid }) => pid)).toEqual([carrier.pid]);
      expect(found[0]?.identity).toEqual(identify(carrier.pid));
      expect(found[0]?.command).toContain(code);
    });

    it('finds who is inside a folder', async () => {
      const folder = temporaryFolder();
      const { pid } = start(['sleep', '300'], { cwd: folder });
      await until(async () => (await inside(folder))?.length === 1);
      expect((await inside(folder))?.map((each) => each.pid)).toEqual([pid]);
      expect(await inside(`${folder}-`)).toEqual([]);
      expect(await inside(folder.slice(0, -1))).toEqual([]);
    });
  },
);

it('says that who is inside cannot be known where the system does not tell', async () => {
  const silent = watchProcesses({ ...psTable, inside: () => undefined });
  expect(await silent.inside('/')).toBeUndefined();
});

it('reads a stat line whose command holds spaces and parentheses', () => {
  const text =
    '70 (a) S 1 (b) T 12 34 56 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 8812 100 1 18446744073709551615\n';
  expect(parseStat(text)).toEqual({
    pid: 70,
    state: 'T',
    parent: 12,
    group: 34,
    session: 56,
    startTime: '8812',
  });
});

it("reads ps's rows", () => {
  const text = [
    '    1     0     1      1 Ss   Thu Nov 20 19:54:33 2025',
    '  812     1   812    700 S+   Sun Nov  2 09:04:05 2025    ',
    '  813   812   812    700 Z    Sun Nov  2 09:04:05 2025',
    '',
  ].join('\n');
  expect(parseRows(text)).toEqual([
    { pid: 1, parent: 0, group: 1, session: 1, state: 'S', startTime: 'Thu Nov 20 19:54:33 2025' },
    { pid: 812, parent: 1, group: 812, session: 700, state: 'S', startTime: 'Sun Nov 2 09:04:05 2025' },
    { pid: 813, parent: 812, group: 812, session: 700, state: 'Z', startTime: 'Sun Nov 2 09:04:05 2025' },
  ]);
});

it("reads lsof's fields", () => {
  const text = 'p12\nfcwd\nn/src/jerry\np13\nfcwd\nn/src/jerry-wt/a b\np14\nfcwd\nn/src/jerry-wt (deleted)\n';
  expect([...parseDirectories(text)]).toEqual([
    [12, '/src/jerry'],
    [13, '/src/jerry-wt/a b'],
    [14, '/src/jerry-wt'],
  ]);
});
