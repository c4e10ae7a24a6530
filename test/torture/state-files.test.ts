import { expect, it } from 'vitest';
import { tortureStateFile } from '../support/state-files.ts';
import { tell } from '../support/tell.ts';

const isShort = process.env.WT_TORTURE === 'short';

it('20 processes change one real file 50 times each, are killed and stopped, and lose nothing', async () => {
  const size = isShort ? { processes: 10, updates: 15, stops: 2 } : { processes: 20, updates: 50, stops: 5 };
  const result = await tortureStateFile(size);
  tell(`state files: ${JSON.stringify(result)}`);
  expect(result.faults).toEqual([]);
  expect(result.acknowledged).toBeGreaterThanOrEqual(size.processes * size.updates);
  expect(result.stops).toBeGreaterThan(0);
});
