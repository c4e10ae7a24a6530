import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { atomicWrite, sweepAbandoned, sweepTemporaries } from '../../src/adapters/atomic-write.ts';
import { failures, isFailure } from '../../src/domain/failure.ts';
import { bundle } from '../support/bundle.ts';
import { start, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

const mode = (path: string) => statSync(path).mode & 0o7777;
const thrown = (work: () => void) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('an atomic write', () => {
  it('makes a file that only its owner reads, and keeps the mode of one that is there', () => {
    const path = join(temporaryFolder(), 'run.json');
    atomicWrite(path, 'one');
    expect([readFileSync(path, 'utf8'), mode(path)]).toEqual(['one', 0o600]);
    chmodSync(path, 0o666); // more than the umask lets a new file have
    atomicWrite(path, new Uint8Array([0xff, 0x00]));
    expect([[...readFileSync(path)], mode(path)]).toEqual([[0xff, 0x00], 0o666]);
  });

  it('gives a new file the mode that was asked for', () => {
    const path = join(temporaryFolder(), 'context.toml');
    atomicWrite(path, '', { mode: 0o644 });
    expect(mode(path)).toBe(0o644);
  });

  it('writes what a symbolic link points at, and leaves the link', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync('real/plan.yaml', join(folder, 'plan.yaml'));
    atomicWrite(join(folder, 'plan.yaml'), 'new');
    atomicWrite(join(folder, 'plan.yaml'), 'newer');
    expect(readFileSync(join(folder, 'real', 'plan.yaml'), 'utf8')).toBe('newer');
    expect(readdirSync(folder).sort()).toEqual(['plan.yaml', 'real']);
  });

  it('changes nothing and leaves nothing when the fence throws', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'state.json');
    atomicWrite(path, 'old');
    const lost = failures.leaseLost('the state', path);
    const beforeCommit = () => {
      throw lost;
    };
    expect(thrown(() => atomicWrite(path, 'new', { beforeCommit }))).toBe(lost);
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['state.json']]);
  });

  it('names the path that cannot be written', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const failure = thrown(() => atomicWrite(join(folder, 'file', 'x.json'), ''));
    expect(isFailure(failure, 'command_failed') && failure.message).toBe(
      `${join(folder, 'file', 'x.json')} could not be written: a file is where a folder belongs`,
    );
    expect(isFailure(thrown(() => atomicWrite(join(folder, 'none', 'x.json'), '')))).toBe(true);
  });

  it('is whole after SIGKILL at any moment, and what is left is swept', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'state.json');
    const size = 300_000;
    const whole = (text: string) => text.length === size && text === text.slice(0, 1).repeat(size);
    atomicWrite(path, 'a'.repeat(size));
    const writer = await bundle(
      folder,
      `import { atomicWrite } from './src/adapters/atomic-write.ts';
       for (let i = 0; ; i = (i + 1) % 26) {
         atomicWrite(process.argv[2], String.fromCharCode(97 + i).repeat(${size}));
         if (i === 0) console.log('round');
       }`,
    );
    const drafts = () => readdirSync(folder).filter((name) => name.endsWith('.wt-tmp'));
    for (let kills = 0; kills < 8 || drafts().length === 0; kills++) {
      const { child, lines } = start([process.execPath, writer, path]);
      await lines(1);
      for (let look = 0; look < kills % 5; look++) expect(whole(readFileSync(path, 'utf8'))).toBe(true);
      child.kill('SIGKILL');
      await until(() => child.signalCode !== null);
      expect(whole(readFileSync(path, 'utf8'))).toBe(true);
    }
    sweepTemporaries(folder, 3_600_000);
    expect(drafts()).not.toEqual([]);
    for (const draft of drafts()) utimesSync(join(folder, draft), 0, 0);
    sweepTemporaries(folder, 3_600_000);
    expect(drafts()).toEqual([]);
    expect(whole(readFileSync(path, 'utf8'))).toBe(true);
  });
});

it('sweeps nothing but its own temporaries, and nothing where there is no folder', () => {
  const folder = temporaryFolder();
  const names = ['state.json', 'notes.tmp', 'a.wt-tmp', 'state.json.12.abcdef12.wt-tmp'];
  for (const name of names) writeFileSync(join(folder, name), '');
  sweepTemporaries(folder, 0);
  expect(readdirSync(folder)).toEqual(['a.wt-tmp', 'notes.tmp', 'state.json']);
  sweepTemporaries(join(folder, 'none'), 0);
});

it('sweeps what a writer left that is gone, and nothing of one that is at work', () => {
  const folder = temporaryFolder();
  for (const pid of [41, 42]) writeFileSync(join(folder, `run.json.${pid}.abcdef12.wt-tmp`), '');
  writeFileSync(join(folder, 'run.json'), '');
  sweepAbandoned(folder, (pid) => pid === 42);
  expect(readdirSync(folder)).toEqual(['run.json', 'run.json.42.abcdef12.wt-tmp']);
});
