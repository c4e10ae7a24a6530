import type { DispatchRecord } from '../domain/dispatch.ts';
import { noProgress, progressed } from '../domain/dispatch-progress.ts';
import { readEvents } from '../domain/stream-event.ts';
import { progressLine } from './dispatch-view.ts';
import type { LiveLines } from './live-lines.ts';
import type { Hub, Ports } from './ports.ts';

/** Follows a run until it has ended, or the terminal has gone; Ctrl-C ends the run. */
export async function followRun(
  ports: Ports,
  hub: Hub,
  record: DispatchRecord,
  options: {
    readonly live: LiveLines;
    readonly detach: AbortSignal;
    /** Told every line of the stream. */
    readonly onLine?: (line: string) => Promise<void>;
  },
): Promise<DispatchRecord> {
  const { narrator, clock } = ports;
  const { dispatch_id: id, started_at } = record.dispatch;
  const name = record.dispatch.branch ?? record.dispatch.worktree_path ?? '';
  let stopping: Promise<DispatchRecord> | undefined;
  const stop = () => {
    narrator.note(`ending ${id}; Ctrl-C again leaves that to its supervisor`);
    stopping = hub.supervisors.stop(record, 'interrupted', record.request.grace_ms);
  };
  if (narrator.signal.aborted) stop();
  else narrator.signal.addEventListener('abort', stop, { once: true });

  let latest = record;
  let progress = noProgress;
  try {
    const news = await hub.supervisors.follow(id ?? '', { lines: true, wait: true, signal: options.detach });
    for await (const item of news) {
      if (item.kind === 'record') latest = item.record;
      if (item.kind === 'line') {
        for (const event of readEvents(item.line)) progress = progressed(progress, event);
        await options.onLine?.(item.line);
      }
      if (item.kind === 'tick') {
        const elapsed = clock.now().getTime() - Date.parse(started_at ?? '');
        options.live.set(id ?? '', progressLine(name, progress, elapsed));
      }
    }
  } finally {
    narrator.signal.removeEventListener('abort', stop);
    options.live.clear(id ?? '');
  }
  return stopping === undefined ? latest : await stopping;
}
