import { expect, it } from 'vitest';
import { tell } from '../support/tell.ts';
import { shown } from './support/deeds.ts';
import { seeded } from './support/random.ts';
import { isShort, seed } from './support/stage.ts';
import { work, type Yard } from './support/yard.ts';

const isFull = process.env.WT_TEST_FULL === '1' || !isShort;
const minutes = (count: number) => Number(process.env.WT_CRASH_MINUTES ?? count) * 60_000;

const sound = async (what: string, yard: Omit<Yard, 'random' | 'tell'>) => {
  const { operations, killed, blobs, checks, expired, missing, faults, exits } = await work({
    ...yard,
    random: seeded(seed).fork(what),
    tell: isFull ? tell : () => {},
  });
  tell(
    `WT_TORTURE_SEED=${seed} ${what}: ${operations} operations (${killed} killed), ${blobs} blobs, ${expired} expired, ${checks} looks, ${missing.length} missing\n  ${shown(exits)}`,
  );
  expect({ missing, faults }).toEqual({ missing: [], faults: [] });
  expect(killed).toBeGreaterThan(0);
  expect(blobs).toBeGreaterThan(0);
};

it('keeps everything that agents wrote through random operations that are killed at random', {
  timeout: 7_200_000,
}, async () => {
  await sound('random operations', {
    lanes: 2,
    operations: Number(process.env.WT_CRASH_OPERATIONS ?? (isFull ? 10_000 : 60)),
    checkEvery: isFull ? 250 : 30,
    limitMs: minutes(60),
  });
});

it('keeps it too when twenty processes create, land, clean up and undo in one repository', {
  timeout: 7_200_000,
}, async () => {
  await sound('20 processes', {
    lanes: 20,
    operations: Number(process.env.WT_CRASH_OPERATIONS ?? (isFull ? 1_000 : 40)),
    checkEvery: isFull ? 250 : 40,
    limitMs: minutes(15),
  });
});
