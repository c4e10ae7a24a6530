import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inside } from '../../src/adapters/processes.ts';
import { wtBin } from '../support/bin.ts';
import { demoStage } from '../support/demos.ts';

describe('wt demo', () => {
  it('ends what it started and removes its folder on Ctrl-C', async () => {
    const { root, tmp, env } = demoStage();
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
