import { describe, expect, it } from 'vitest';
import { tell } from '../support/tell.ts';
import { judge, openSite, type Point, pointsOf, sample } from './support/matrix.ts';
import { operations } from './support/operations.ts';
import { seeded } from './support/random.ts';
import { isShort, seed } from './support/stage.ts';

const isFull = process.env.WT_TEST_FULL === '1' || !isShort;
/** How many points of each operation; WT_CRASH_AT="undo: middle 9" takes one alone. */
const most = Number(process.env.WT_CRASH_POINTS ?? (isFull ? Number.POSITIVE_INFINITY : 2));
/** What CI takes a sample of: the others share their code. */
const sampled = ['create', 'merge commit', 'cleanup', 'undo'];
const [, onlyName, onlyMoment, onlyEffect] =
  /^(.*): (before|middle|after) (\d+)$/.exec(process.env.WT_CRASH_AT ?? '') ?? [];

describe('a wt that is killed before, in the middle of and after its effects', () => {
  const wanted = operations.filter(({ name }) =>
    onlyName === undefined ? isFull || sampled.includes(name) : name === onlyName,
  );
  it.each(wanted.map((operation) => [operation.name, operation] as const))(
    'in %s loses nothing, is mended by one wt status, and succeeds the second time',
    { timeout: 3_600_000 },
    async (name, operation) => {
      const random = seeded(seed).fork(name);
      const site = await openSite(operation);
      const isWanted = ({ moment, effect }: Point) =>
        onlyName === undefined || (moment === onlyMoment && effect === Number(onlyEffect));
      const points = sample(pointsOf(site, random).filter(isWanted), most, random);
      const failures: string[] = [];
      let killed = 0;
      let done = 0;
      for (const point of points) {
        const { wasKilled, isDone, faults } = await judge(site, point);
        killed += Number(wasKilled);
        done += Number(isDone);
        if (faults.length === 0) continue;
        const where = `${name}: ${point.moment} ${point.effect}`;
        const failure = `${where} (${site.effects[point.effect - 1]}), delay ${point.delay}\n  ${faults.join('\n  ')}`;
        tell(failure);
        failures.push(failure);
      }
      tell(
        `WT_TORTURE_SEED=${seed} ${name}: ${site.effects.length} effects, ${points.length} points, ${killed} killed, ${done} done, ${failures.length} failures`,
      );
      expect(failures).toEqual([]);
      // What a command does may differ by an effect or two, so that it is over before the last of them.
      expect(killed).toBeGreaterThanOrEqual(Math.floor(points.length * 0.9) - 1);
    },
  );
});
