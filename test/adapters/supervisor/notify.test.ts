import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marked } from '../../../src/adapters/processes.ts';
import { log, notify, notifyMarker } from '../../../src/adapters/supervisor/notify.ts';
import { aRecord } from '../../support/records.ts';
import { temporaryFolder } from '../../support/repo.ts';

/** Tells commands of a run, and gives the log of that. */
async function tell(
  commands: readonly string[],
  options: { limitMs?: number; graceMs?: number; result?: string } = {},
) {
  const folder = temporaryFolder();
  const record = aRecord({ notify: commands, result: options.result ?? 'said' });
  const startedAt = performance.now();
  await notify(folder, record, { cwd: folder, ...options });
  const tookMs = performance.now() - startedAt;
  const text = readFileSync(join(folder, 'notify.log'), 'utf8');
  expect(await marked(notifyMarker(record))).toEqual([]);
  return { folder, record, text: text.replace(/^\S+Z /gm, ''), tookMs };
}

describe('the commands that are told of a run', () => {
  it('get the dispatch object, and how they end stands in the log', async () => {
    const { text, record } = await tell([
      'cat',
      'echo out; echo err >&2; exit 3',
      'kill -9 $$',
      'no-such-command',
    ]);
    expect(text).toContain(`cat: exit code 0\n${JSON.stringify(record.dispatch)}\n`);
    expect(text).toMatch(/exit 3: exit code 3\n(out\nerr|err\nout)\n/);
    expect(text).toContain('kill -9 $$: SIGKILL\n');
    expect(text).toMatch(/no-such-command: exit code 127\n.*not found/);
  });

  it('have all that they say in the log, however many end at once', async () => {
    const { text } = await tell(Array(40).fill('echo out; echo err >&2'));
    expect(text.match(/exit code 0\n(out\nerr|err\nout)\n/g)).toHaveLength(40);
  });

  it('need not read the object, however large it is', async () => {
    const { text } = await tell(['exit 0', 'exec 0<&-; sleep 0.05'], { result: 'x'.repeat(2_000_000) });
    expect(text).toBe('exit 0: exit code 0\nexec 0<&-; sleep 0.05: exit code 0\n');
  });

  it('are ended after their time with everything that they started', async () => {
    const stubborn = `trap '' TERM; setsid sleep 621 & echo begun; sleep 622; sleep 623`;
    const { text, tookMs } = await tell(['echo fine', stubborn], { limitMs: 300, graceMs: 100 });
    expect(tookMs).toBeGreaterThan(300);
    expect(tookMs).toBeLessThan(10_000);
    expect(text).toMatch(/^echo fine: exit code 0\nfine\n/);
    expect(text).toContain(': not done after 300 ms, and ended\nbegun\n');
    expect(text).toMatch(/\nended what was left: .*sleep 62[123]/);
  });

  it('may leave something in the background for as long as they have time', async () => {
    const { folder, text } = await tell(['(sleep 0.3; echo late > late.txt) &']);
    expect(readFileSync(join(folder, 'late.txt'), 'utf8')).toBe('late\n');
    expect(text).toContain(': exit code 0\n');
  });

  it('fill the log only so far', async () => {
    const { folder, text } = await tell(['yes | head -c 500000']);
    expect(text.length).toBeLessThan(17_000);
    expect(text).toContain('… and 483616 bytes more\n');
    writeFileSync(join(folder, 'notify.log'), 'x'.repeat(2 * 1024 * 1024));
    log(folder, 'more');
    expect(readFileSync(join(folder, 'notify.log'), 'utf8')).not.toContain('more');
  });

  it('run in the folder of the run where the main worktree is gone', async () => {
    const folder = temporaryFolder();
    await notify(folder, aRecord({ notify: ['pwd'] }), { cwd: join(folder, 'gone') });
    expect(readFileSync(join(folder, 'notify.log'), 'utf8')).toContain(`\n${folder}\n`);
  });
});
