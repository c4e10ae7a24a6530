import { expect, it } from 'vitest';
import { reconcileAll, watchRuns } from '../../src/application/run-watch.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import { failures } from '../../src/domain/failure.ts';
import { aRecord } from '../support/records.ts';

const ids = ['dispatch-20260101-001', 'dispatch-20260101-002'] as const;

/** Runs that go on, and what was reconciled and told of them. */
function scene(reconcile: (record: DispatchRecord) => Promise<DispatchRecord> = async (record) => record) {
  const looked: unknown[] = [];
  const told: string[] = [];
  const records = ids.map((id) => aRecord({ id, phase: 'running' }));
  const hub = {
    runs: {
      list: async () => records,
      read: async (id: string) => records.find(({ dispatch }) => dispatch.dispatch_id === id),
    },
    supervisors: {
      reconcile: (record: DispatchRecord) => {
        looked.push(record.dispatch.dispatch_id);
        return reconcile(record);
      },
    },
  } as unknown as Parameters<typeof watchRuns>[0];
  return { hub, looked, told, warn: (message: string) => void told.push(message) };
}

it('looks after the runs that it was told of, until they have ended', async () => {
  const { hub, looked, told, warn } = scene();
  const watch = watchRuns(hub, [], warn);
  const look = async () => {
    watch.look();
    await watch.done();
    return looked.splice(0);
  };
  expect(await look()).toEqual([]);
  watch.note({ type: 'dispatch.started', dispatch_id: ids[0] });
  expect(await look()).toEqual([ids[0]]);
  watch.note({ type: 'dispatch.started', dispatch_id: ids[1] });
  watch.note({ type: 'dispatch.finished', dispatch_id: ids[0] });
  watch.note({ type: 'worktree.removed', dispatch_id: null });
  expect(await look()).toEqual([ids[1]]);
  expect(told).toEqual([]);
});

it('begins no second look while one goes on', async () => {
  let release = () => {};
  const { hub, looked, warn } = scene(
    (record) =>
      new Promise((resolve) => {
        release = () => resolve(record);
      }),
  );
  const watch = watchRuns(hub, [ids[0]], warn);
  watch.look();
  watch.look();
  await Promise.resolve();
  await Promise.resolve();
  watch.look();
  expect(looked).toEqual([ids[0]]);
  release();
  await watch.done();
});

it('tells once what cannot be brought up to date, and looks at the others all the same', async () => {
  const { hub, looked, told, warn } = scene(async (record) => {
    if (record.dispatch.dispatch_id === ids[0]) throw failures.stateTooNew('/run.json', 2);
    return record;
  });
  expect(await reconcileAll(hub, warn)).toEqual([ids[1]]);
  const watch = watchRuns(hub, ids, warn);
  for (let count = 0; count < 2; count++) {
    watch.look();
    await watch.done();
  }
  expect(looked).toEqual([...ids, ...ids, ...ids]);
  expect(told).toHaveLength(2);
});
