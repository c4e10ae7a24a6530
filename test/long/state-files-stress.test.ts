import { expect, it } from 'vitest';
import { tortureStateFile } from '../support/state-files.ts';

it('a state file loses no update and is never torn while its writers are killed and stopped', async () => {
  const result = await tortureStateFile({ processes: 6, updates: 10, stops: 1 });
  expect(result.faults, JSON.stringify(result)).toEqual([]);
  expect(result.acknowledged).toBeGreaterThanOrEqual(6 * 10);
  expect(result.kills).toBeGreaterThan(2);
}, 120_000);
