import { describe, expect, it } from 'vitest';
import { liveness } from '../../src/domain/liveness.ts';
import { ProcessIdentity } from '../../src/domain/process.ts';

const recorded: ProcessIdentity = {
  pid: 4711,
  start_time: '9001',
  boot_id: 'boot-a',
  hostname: 'prover',
  pid_namespace: 'pid:[4026531836]',
};
const { pid, start_time, ...place } = recorded;
const same = { ...place, process: { start_time, zombie: false } };

describe('liveness', () => {
  it.each([
    ['the same process at the same place is alive', same, 'alive'],
    ['no process at the pid is dead', { ...same, process: undefined }, 'dead'],
    ['a zombie is dead', { ...same, process: { start_time, zombie: true } }, 'dead'],
    [
      'another start time means that the pid was used again',
      { ...same, process: { start_time: '9002', zombie: false } },
      'dead',
    ],
    ['nothing survives a boot', { ...same, boot_id: 'boot-b' }, 'dead'],
    ['a boot id that cannot be read decides nothing', { ...same, boot_id: null }, 'alive'],
    ['a process that is not shown to us is unknown', { ...same, process: 'hidden' }, 'unknown'],
    [
      'another host is unknown',
      { ...same, boot_id: 'boot-b', hostname: 'jerry', process: undefined },
      'unknown',
    ],
    [
      'another host whose boot id cannot be read is unknown',
      { ...same, boot_id: null, hostname: 'jerry' },
      'unknown',
    ],
    ['the name of the host may change while it is up', { ...same, hostname: 'jerry' }, 'alive'],
    ['and then a pid tells as before', { ...same, hostname: 'jerry', process: undefined }, 'dead'],
    [
      'a container with the pids of its host has only a name of its own',
      { ...same, hostname: '3f2a9c', process: { start_time: '9002', zombie: false } },
      'dead',
    ],
    [
      'another container is unknown',
      { ...same, pid_namespace: 'pid:[4026532201]', process: undefined },
      'unknown',
    ],
    [
      'a container of the same name after a boot is unknown',
      { ...same, boot_id: 'boot-b', pid_namespace: null },
      'unknown',
    ],
  ] as const)('%s', (_, observed, verdict) => {
    expect(liveness(recorded, observed)).toBe(verdict);
  });
});

it('does not judge by a start time that could not be read', () => {
  expect(liveness({ ...recorded, start_time: '' }, same)).toBe('unknown');
  expect(liveness({ ...recorded, start_time: '' }, { ...same, process: undefined })).toBe('dead');
});

describe('ProcessIdentity', () => {
  it('reads back what was written to a state file', () => {
    const bare = { ...recorded, boot_id: null, pid_namespace: null };
    expect(ProcessIdentity.parse(JSON.parse(JSON.stringify(bare)))).toEqual(bare);
    expect(pid).toBe(4711);
  });

  it.each([{ pid: 0 }, { pid: -1 }, { pid: 1.5 }, { start_time: undefined }])('refuses %o', (part) => {
    expect(ProcessIdentity.safeParse({ ...recorded, ...part }).success).toBe(false);
  });
});
