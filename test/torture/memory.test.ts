import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { until } from '../support/children.ts';
import {
  type DispatchScene,
  dispatchIn,
  dispatchScene,
  expectNothingLeft,
  scriptAsClaude,
} from '../support/dispatches.ts';
import { tell } from '../support/tell.ts';
import { peakOf, usageAtRest, usageOf } from './support/usage.ts';

const isShort = process.env.WT_TORTURE === 'short';
const megabytes = (count: number) => `${Math.round(count)} MB`;

/** A scene whose claude floods its reader, and the folder in which they give each other signs. */
function flooded(): { scene: DispatchScene; signs: string } {
  const scene = dispatchScene(['feat/a'], ({ root }) => ({ WT_TORTURE_EVIDENCE: join(root, 'signs') }));
  const signs = join(scene.repo.root, 'signs');
  mkdirSync(signs);
  const flood = fileURLToPath(new URL('support/flood.mjs', import.meta.url));
  scriptAsClaude(scene, `exec '${process.execPath}' '${flood}' "$@"`);
  return { scene, signs };
}

/** What the supervisor, and the command that waits, took at each mark. */
async function measured(marks: readonly number[], line: number) {
  const { scene, signs } = flooded();
  const wt = scene.start(['dispatch', 'feat/a', '-p', JSON.stringify({ marks, line }), '--json']);
  const follower = wt.child.pid ?? 0;
  const { supervisor } = await scene.runWhen(({ phase }) => phase === 'running');
  const taken: { mark: number; supervisor: number; peak: number; waiting: number }[] = [];
  for (const mark of marks) {
    await until(() => existsSync(join(signs, `at-${mark}`)));
    const { resident, peak } = await usageAtRest(supervisor?.pid ?? 0);
    taken.push({ mark, supervisor: resident, peak, waiting: usageOf(follower)?.peak ?? 0 });
    writeFileSync(join(signs, `go-${mark}`), '');
  }
  const peak = await peakOf(supervisor?.pid ?? 0);
  const answer = dispatchIn(await wt.ended);
  await expectNothingLeft(scene);
  return { scene, taken, peak, answer };
}

/** The most that a command took, and how it ended; its output is read and dropped. */
async function commandPeak(scene: DispatchScene, args: readonly string[]) {
  const { child, ended } = scene.start(args);
  const peak = await peakOf(child.pid ?? 0);
  return { peak, code: (await ended).code };
}

describe.skipIf(process.platform !== 'linux')('the memory of a supervisor', () => {
  it('stays flat over a long stream, and so does that of the commands that read it', async () => {
    const marks = isShort ? [20, 60] : [50, 100, 200, 300, 400, 500];
    const { scene, taken, peak, answer } = await measured(marks, 10_000);
    expect(answer).toMatchObject({ status: 'complete', reason: 'dirty', result: 'done' });
    const size = statSync(answer.log_path ?? '').size;
    expect(size).toBeGreaterThan((marks.at(-1) ?? 0) * 1024 * 1024);
    const shown = taken.map(
      (at) => `${megabytes(at.mark)}: ${megabytes(at.supervisor)} (peak ${megabytes(at.peak)})`,
    );
    const wait = await commandPeak(scene, ['wait', 'feat/a']);
    const runs = await commandPeak(scene, ['runs', '--json']);
    const logs = await commandPeak(scene, ['logs', 'feat/a']);
    const raw = await commandPeak(scene, ['logs', 'feat/a', '--raw']);
    const others = {
      'wt dispatch': { peak: taken.at(-1)?.waiting ?? 0 },
      'wt wait': wait,
      'wt runs': runs,
      'wt logs': logs,
      'wt logs --raw': raw,
    };
    tell(
      `supervisor's memory by the size of the stream: ${shown.join(', ')}; ${megabytes(peak)} in all\n` +
        Object.entries(others)
          .map(([name, { peak: most }]) => `${name}: ${megabytes(most)}`)
          .join(', '),
    );
    const first = taken[0]?.peak ?? 0;
    expect(peak / first).toBeLessThan(1.5);
    for (const { peak: most } of Object.values(others)) expect(most / first).toBeLessThan(2);
    expect([wait.code, runs.code, logs.code, raw.code]).toEqual([0, 0, 0, 0]);
  });

  it.skipIf(isShort)('holds one event of 50 MB once, and reads on after it', async () => {
    const { taken, peak, answer } = await measured([1, 60], 50 * 1024 * 1024);
    tell(`with one event of 50 MB: ${megabytes(taken[0]?.peak ?? 0)} before, ${megabytes(peak)} at most`);
    expect(answer).toMatchObject({ status: 'complete', reason: 'dirty', result: 'done' });
    expect(peak).toBeLessThan((taken[0]?.peak ?? 0) + 6 * 50);
  });
});
