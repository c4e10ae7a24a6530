import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Event } from '../../src/domain/event.ts';
import { bundle } from '../support/bundle.ts';
import { type Started, start, until } from '../support/children.ts';
import { temporaryFolder } from '../support/repo.ts';

/** Set for the long form: `WT_STRESS=1`. */
const [writers, appendsEach, kills] = process.env.WT_STRESS === '1' ? [20, 50, 60] : [5, 12, 6];

/** Appends its events, and acknowledges each once it is told that it is written. */
const writer = `
  import { randomUUID } from 'node:crypto';
  import { appendFileSync } from 'node:fs';
  import { openEvents } from './src/adapters/events.ts';
  import { openLocks } from './src/adapters/lock.ts';
  const [folder, id, from, to] = process.argv.slice(2);
  const events = openEvents(folder, openLocks(folder + '/locks'), { waitMs: 120_000 });
  for (let n = Number(from); n < Number(to); n++) {
    const data = { operation: randomUUID(), branch: id + ':' + n, trash: 't'.repeat(n * 40), branch_deleted: true };
    const warnings = await events.append({ type: 'worktree.removed', worktree_path: '/w', dispatch_id: null, data });
    if (warnings.length > 0) throw new Error(warnings[0].message);
    appendFileSync(folder + '/acknowledged/' + id, n + '\\n');
  }
`;

it('numbers events without gaps and keeps every acknowledged one while writers are killed at random', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'acknowledged'));
  const program = await bundle(folder, writer);
  const acknowledged = (id: string): number[] => {
    appendFileSync(join(folder, 'acknowledged', id), '');
    const lines = readFileSync(join(folder, 'acknowledged', id), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map(Number);
  };
  const ids = Array.from({ length: writers }, (_, at) => `p${at}`);
  const running = new Map<string, Started>();
  const run = async (id: string) => {
    for (;;) {
      const next = (acknowledged(id).at(-1) ?? -1) + 1;
      if (next >= appendsEach) return;
      const started = start([process.execPath, program, folder, id, String(next), String(appendsEach)]);
      running.set(id, started);
      const exitCode = await new Promise((resolve) => started.child.once('close', resolve));
      running.delete(id);
      if (exitCode !== null) expect(exitCode).toBe(0);
    }
  };
  const all = Promise.all(ids.map(run));
  let done = false;
  void all.finally(() => {
    done = true;
  });
  let killed = 0;
  for (let at = 0; at < kills && !done; at++) {
    const before = ids.reduce((sum, id) => sum + acknowledged(id).length, 0);
    // Somewhere in the middle of the work of others, and of its own.
    await until(() => done || ids.reduce((sum, id) => sum + acknowledged(id).length, 0) > before + 2);
    const victims = [...running.values()];
    const victim = victims[Math.floor(Math.random() * victims.length)];
    if (victim?.child.kill('SIGKILL') === true) killed += 1;
  }
  await all;
  expect(killed).toBeGreaterThan(0);

  const text = readFileSync(join(folder, 'events.jsonl'), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => Event.parse(JSON.parse(line)));
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  const written = new Set(events.map(({ data }) => data.branch));
  for (const id of ids) for (const n of acknowledged(id)) expect(written).toContain(`${id}:${n}`);
  expect(events.length - written.size).toBeLessThanOrEqual(killed);
  expect(readdirSync(join(folder, 'locks')).filter((name) => name.endsWith('.lock'))).toEqual([]);
}, 120_000);
