import * as z from 'zod';
import type { Event } from '../../domain/event.ts';
import { defineCommand, many, streamed } from '../command.ts';
import { eventLine } from '../event-view.ts';
import type { EventNews } from '../ports/events.ts';
import type { Narrator } from '../ports.ts';
import { reconcileAll, watchRuns } from '../run-watch.ts';

/** How often a follower looks after the runs. */
const watchMs = 1_000;

/** Shows what has happened in the repository, and with `--follow` what happens. */
export const events = defineCommand({
  name: 'events',
  summary: 'Show what happened: runs, worktrees, landings',
  description:
    'Numbered without gaps: a script keeps the last seq it has seen and goes on with --since. One line each on a\n' +
    'terminal, one JSON object per line where stdout is piped; --json without --follow is one array.\n\n' +
    '  wt events --follow\n  wt events --since 41 | jq -c .type',
  args: [],
  options: [
    { flags: '--since <seq>', summary: 'only those after this number' },
    { flags: '--follow', summary: 'go on with those that come, until Ctrl-C' },
  ],
  input: z.object({
    since: z
      .string()
      .regex(/^\d{1,15}$/, { error: 'must be the number of an event, or 0' })
      .transform(Number)
      .optional(),
    follow: z.boolean().default(false),
  }),
  answer: async () => (await import('../../domain/event.ts')).Event,
  async run(ports, { since, follow }) {
    const { narrator, clock } = ports;
    const hub = await ports.hub();
    const open = await reconcileAll(hub, narrator.warn);
    const isLines = narrator.format !== 'people' || !narrator.tty.stdout;
    const show = async (event: Event) => {
      const text = isLines ? JSON.stringify(event) : eventLine(event, narrator.color);
      await narrator.write(`${text}\n`);
    };
    if (!follow) {
      const found = told(narrator, await hub.events.read(since));
      if (narrator.format !== 'people') return many(found);
      for (const event of found) await show(event);
      return streamed;
    }
    const detached = new AbortController();
    void narrator.hangup.then(() => detached.abort());
    const signal = AbortSignal.any([narrator.signal, narrator.outputClosed, detached.signal]);
    const watch = watchRuns(hub, open, narrator.warn);
    let watchedAt = clock.monotonicMs();
    for await (const news of await hub.events.follow(since, signal)) {
      for (const event of told(narrator, [news])) {
        watch.note(event);
        await show(event);
      }
      if (news.kind !== 'tick' || clock.monotonicMs() - watchedAt < watchMs) continue;
      watch.look();
      watchedAt = clock.monotonicMs();
    }
    await watch.done();
    return streamed;
  },
  view: (items, { color }) => items.map((event) => eventLine(event, color)).join('\n'),
});

/** The events among the news; the rest is told. */
function told(narrator: Narrator, news: readonly EventNews[]): Event[] {
  return news.flatMap((item) => {
    if (item.kind === 'warning') narrator.warn(item.warning.message);
    return item.kind === 'event' ? [item.event] : [];
  });
}
