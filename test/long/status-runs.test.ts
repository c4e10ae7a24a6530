import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { StatusAnswer } from '../../src/domain/answers/status.ts';
import { dispatchScene } from '../support/dispatches.ts';

describe('wt status of worktrees in which agents work', () => {
  it('says what each run came to, and what a person should do next', async () => {
    const prompts = {
      work: ['@write a.txt one', '@commit first'],
      nothing: ['@say I looked around'],
      dirty: ['@write b.txt one'],
      denied: ['@deny Write'],
      limited: ['@rate-limit 1795209249'],
      broken: ['@exit 7'],
    };
    const scene = dispatchScene([...Object.keys(prompts), 'running', 'idle']);
    expect((await scene.dispatch('running', ['@hang'], '--async')).code).toBe(0);
    const run = await scene.runWhen(({ dispatch }) => dispatch.pid !== null);
    await scene.dispatchAll(prompts);
    const ran = await scene.wt(['status', '--json']);
    const rows = z.array(StatusAnswer).parse(ran.json());
    const of = (branch: string) => rows.find((row) => row.branch === branch);
    expect(of('work')).toMatchObject({
      state: 'completed',
      dispatch_status: 'complete',
      dispatch_id: expect.stringMatching(/^dispatch-/),
      pid: null,
      needs: { kind: 'review', command: 'wt merge work' },
    });
    expect(of('nothing')).toMatchObject({
      state: 'completed',
      needs: { kind: 'failed', command: 'wt logs nothing' },
    });
    expect(of('dirty')).toMatchObject({
      state: 'completed',
      needs: { kind: 'dirty', command: 'wt diff dirty' },
    });
    expect(of('denied')).toMatchObject({ state: 'completed', needs: { kind: 'denied' } });
    expect(of('limited')).toMatchObject({
      state: 'failed',
      dispatch_status: 'failed',
      needs: { kind: 'rate_limited' },
    });
    expect(of('broken')).toMatchObject({
      state: 'failed',
      needs: { kind: 'failed', command: 'wt logs broken' },
    });
    expect(of('running')).toMatchObject({
      state: 'running',
      dispatch_status: 'running',
      dispatch_id: run.dispatch.dispatch_id,
      pid: run.dispatch.pid,
      needs: null,
    });
    expect(of('idle')).toMatchObject({
      state: 'ready',
      dispatch_status: 'idle',
      dispatch_id: null,
      needs: null,
    });
    const urgent = z.array(StatusAnswer).parse((await scene.wt(['status', '--by-need', '--json'])).json());
    expect(urgent.flatMap(({ needs }) => needs?.kind ?? [])).toEqual([
      'rate_limited',
      'failed',
      'failed',
      'denied',
      'dirty',
      'review',
    ]);
  });

  it('says of which run the record cannot be read', async () => {
    const scene = dispatchScene(['feat/a']);
    const folder = join(scene.repo.path, '.git', 'wt', 'runs', 'dispatch-20260220-001');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'run.json'), '{"version": 1, ');
    const ran = await scene.wt(['status', 'feat/a', '--json']);
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject([{ warnings: [{ code: 'run_unreadable' }] }]);
    rmSync(folder, { recursive: true });
  });
});
