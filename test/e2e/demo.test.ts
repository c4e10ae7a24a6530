import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inside } from '../../src/adapters/processes.ts';
import { wt } from '../support/bin.ts';
import { demoStage } from '../support/demos.ts';

describe('wt demo', () => {
  it('plays five beats, each against plain git, and leaves nothing behind', async () => {
    const { root, tmp, env } = demoStage();
    const { code, stdout, stderr } = await wt(root, env, ['demo']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The agents are a small scripted one that ships with wt, not claude');
    expect(stdout.match(/^\d\. /gm)).toHaveLength(5);
    expect(stdout.match(/^ {2}plain git: /gm)).toHaveLength(5);
    expect(readdirSync(tmp)).toEqual([]);
    expect(await inside(tmp)).toEqual([]);
  }, 90_000);
});
