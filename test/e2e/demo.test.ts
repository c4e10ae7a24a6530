import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inside } from '../../src/adapters/processes.ts';
import { wt, wtBin } from '../support/bin.ts';
import { sealedEnv, temporaryFolder } from '../support/repo.ts';

/** An environment in which the demo's folder can be found: below a TMPDIR of its own. */
function stage() {
  const root = temporaryFolder();
  const home = join(root, 'home');
  const tmp = join(root, 'tmp');
  for (const folder of [home, tmp]) mkdirSync(folder);
  return { root, tmp, env: sealedEnv(home, { TMPDIR: tmp }) };
}

describe('wt demo', () => {
  it('plays five beats, each against plain git, and leaves nothing behind', async () => {
    const { root, tmp, env } = stage();
    const { code, stdout, stderr } = await wt(root, env, ['demo']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The agents are a small scripted one that ships with wt, not claude');
    expect(stdout.match(/^\d\. /gm)).toHaveLength(5);
    expect(stdout.match(/^ {2}plain git: /gm)).toHaveLength(5);
    expect(readdirSync(tmp)).toEqual([]);
    expect(await inside(tmp)).toEqual([]);
  }, 90_000);

  it('ends what it started and removes its folder on Ctrl-C', async () => {
    const { root, tmp, env } = stage();
    const child = spawn(process.execPath, [wtBin, 'demo'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    let sent = false;
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
      // in the middle of the beat with the run that would take ten minutes
      if (!sent && out.includes('wt create doomed')) {
        sent = true;
        child.kill('SIGINT');
      }
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(readdirSync(tmp)).toEqual([]);
    expect(await inside(tmp)).toEqual([]);
  }, 90_000);
});
