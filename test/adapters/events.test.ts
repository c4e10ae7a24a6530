import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEvents } from '../../src/adapters/events.ts';
import { openLocks } from '../../src/adapters/lock.ts';
import type { EventNews } from '../../src/application/ports/events.ts';
import { Event, type NewEvent } from '../../src/domain/event.ts';
import { temporaryFolder } from '../support/repo.ts';

const removed = (name: string): NewEvent => ({
  type: 'worktree.removed',
  worktree_path: `/w/${name}`,
  dispatch_id: null,
  data: { operation: name, branch: name, trash: `trash-${name}`, branch_deleted: true },
});
const finished = (dispatch_id: string, reason: 'dirty' | null = null): NewEvent => ({
  type: 'dispatch.finished',
  worktree_path: '/w',
  dispatch_id,
  data: {
    ...{ branch: 'b', status: 'complete', reason, attempts: 1, commits: 1, total_cost_usd: 0.1 },
    ...{ duration_ms: 5, finished_at: '2026-01-01T00:00:00.000Z' },
  },
});

/** A journal in a folder of its own. */
function journal(most?: number) {
  const folder = temporaryFolder();
  const locks = openLocks(join(folder, 'locks'));
  const events = openEvents(folder, locks, most === undefined ? {} : { most });
  const path = join(folder, 'events.jsonl');
  const append = async (...names: string[]) => {
    for (const name of names) expect(await events.append(removed(name))).toEqual([]);
  };
  const read = async (since?: number) => (await events.read(since)).map(short);
  return { folder, path, locks, events, append, read, text: () => readFileSync(path, 'utf8') };
}

/** `3 c` for an event, the code of a warning. */
function short(news: EventNews): string {
  if (news.kind === 'tick') return 'tick';
  if (news.kind === 'warning') return news.warning.code;
  return `${news.event.seq} ${news.event.data.branch}`;
}

/** Follows a journal by hand: gives what comes until the next look. */
async function following(made: ReturnType<typeof journal>, since?: number) {
  const end = new AbortController();
  const news = (await made.events.follow(since, end.signal))[Symbol.asyncIterator]();
  return async () => {
    const got: string[] = [];
    for (;;) {
      const { value, done } = await news.next();
      if (done || value.kind === 'tick') return got;
      got.push(short(value));
    }
  };
}

describe('the journal of events', () => {
  it('numbers from 1, one line of the schema each, and reads after a number', async () => {
    const made = journal();
    expect(await made.read()).toEqual([]);
    await made.append('a', 'b', 'c');
    expect(await made.read()).toEqual(['1 a', '2 b', '3 c']);
    expect(await made.read(2)).toEqual(['3 c']);
    expect(await made.read(3)).toEqual([]);
    const lines = made.text().trimEnd().split('\n');
    expect(lines.map((line) => Event.parse(JSON.parse(line)))).toEqual(lines.map((line) => JSON.parse(line)));
  });

  it.each([
    ['half a line', 'abc', (text: string) => text + text.slice(0, 40)],
    ['a line without its end', 'ab', (text: string) => text.slice(0, -1)],
    ['zeros, as a file system may leave them', 'abc', (text: string) => `${text}${'\0'.repeat(300)}`],
    ['a whole line of garbage', 'abc', (text: string) => `${text}what is this\n`],
    [
      'a torn line longer than a block',
      'abc',
      (text: string) => `${text}{"seq":9,"x":"${'y'.repeat(300_000)}`,
    ],
  ])('mends %s at its end: readers pass it over, the next writer cuts it off', async (_, left, tear) => {
    const made = journal();
    await made.append('a', 'b', 'c');
    writeFileSync(made.path, tear(made.text()));
    const whole = [...left].map((name, at) => `${at + 1} ${name}`);
    expect(await made.read()).toEqual(whole);
    await made.append('d');
    expect(await made.read()).toEqual([...whole, `${whole.length + 1} d`]);
    for (const line of made.text().trimEnd().split('\n')) Event.parse(JSON.parse(line));
  });

  it('begins at 1 where nothing but a torn line is left of the first', async () => {
    const made = journal();
    writeFileSync(made.path, '{"seq":1,"ti');
    await made.append('a');
    expect(await made.read()).toEqual(['1 a']);
  });

  it('has an ending, and an operation that recovery went on with, once', async () => {
    const made = journal();
    await Promise.all([1, 2, 3].map(() => made.events.append(finished('dispatch-20260101-001'))));
    await made.events.append(finished('dispatch-20260101-001', 'dirty'));
    await made.events.append(finished('dispatch-20260101-0010'));
    await made.append('op', 'op');
    expect(await made.read()).toEqual(['1 b', '2 b', '3 op']);
  });

  it('drops its older half when it is too large, goes on counting, and says so to an old cursor', async () => {
    const made = journal(2_000);
    const names = Array.from({ length: 40 }, (_, at) => `n${at + 1}`);
    await made.append(...names);
    expect(made.text().length).toBeLessThan(2_400);
    const kept = await made.read();
    const first = 41 - kept.length;
    expect(first).toBeGreaterThan(25);
    expect(kept).toEqual(names.slice(first - 1).map((name, at) => `${first + at} ${name}`));
    expect(await made.read(first - 1)).toEqual(kept);
    expect(await made.read(first - 2)).toEqual(['events_gone', ...kept]);
    expect(await made.events.read(3)).toMatchObject([
      { warning: { message: `events 4 to ${first - 1} are not kept any more` } },
      ...kept.map(() => ({ kind: 'event' })),
    ]);
  });

  it('says that a cursor is ahead of it', async () => {
    const made = journal();
    expect(await made.read(3)).toEqual(['cursor_ahead']);
    await made.append('a');
    expect(await made.read(3)).toEqual(['cursor_ahead']);
    expect(await made.read(0)).toEqual(['1 a']);
  });

  it('passes on what a newer wt tells', async () => {
    const made = journal();
    await made.append('a');
    const line = '{"seq":2,"time":"2026-01-01T00:00:00.000Z","type":"moon.rose","data":{"branch":"x"}}';
    appendFileSync(made.path, `${line}\n`);
    await made.append('b');
    expect(await made.read()).toEqual(['1 a', '2 x', '3 b']);
  });

  it('gives a warning where it cannot be written', async () => {
    const made = journal();
    mkdirSync(made.path);
    expect(await made.events.append(removed('a'))).toMatchObject([
      { code: 'event_not_written', message: expect.stringContaining('worktree.removed was not written') },
    ]);
    const impatient = openEvents(made.folder, made.locks, { waitMs: 0 });
    await made.locks.hold('events', async () => {
      expect(await impatient.append(removed('a'))).toMatchObject([{ code: 'event_not_written' }]);
    });
  });
});

describe('a follower of the journal', () => {
  it('sees each event once: from before, as they come, and across rewrites that drop what it has seen', async () => {
    const made = journal(1_500);
    await made.append('a');
    const next = await following(made);
    expect(await next()).toEqual(['1 a']);
    const seen: string[] = [];
    for (let at = 2; at < 40; at++) {
      await made.append(`n${at}`);
      if (at % 3 === 0) seen.push(...(await next()));
    }
    seen.push(...(await next()));
    expect(seen).toEqual(Array.from({ length: 38 }, (_, at) => `${at + 2} n${at + 2}`));
    expect(existsSync(made.path) && made.text().length).toBeLessThan(2_000);
  });

  it('waits for the rest of a line, and follows one that is mended under it', async () => {
    const made = journal();
    await made.append('a', 'b');
    const text = made.text();
    const second = text.indexOf('\n') + 1;
    truncateSync(made.path, second + 20);
    const next = await following(made);
    expect(await next()).toEqual(['1 a']);
    appendFileSync(made.path, text.slice(second + 20));
    expect(await next()).toEqual(['2 b']);
    appendFileSync(made.path, 'garbage that was taken for a line\n');
    expect(await next()).toEqual([]);
    await made.append('c');
    await made.append('d');
    expect(await next()).toEqual(['3 c', '4 d']);
  });

  it('begins anew with a journal that was removed', async () => {
    const made = journal();
    await made.append('a', 'b');
    const next = await following(made, 1);
    expect(await next()).toEqual(['2 b']);
    rmSync(made.path);
    expect(await next()).toEqual([]);
    await made.append('c');
    expect(await next()).toEqual(['events_restarted', '1 c']);
  });

  it.skipIf(process.getuid?.() === 0)('says that the journal cannot be read', async () => {
    const made = journal();
    await made.append('a');
    chmodSync(made.path, 0o000);
    await expect(made.read()).rejects.toMatchObject({ code: 'command_failed' });
  });
});
