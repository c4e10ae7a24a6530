import type { DispatchRecord } from '../domain/dispatch.ts';
import { noProgress, progressed } from '../domain/dispatch-progress.ts';
import { readEvents } from '../domain/stream-event.ts';
import type { LiveLines } from './live-lines.ts';
import type { Hub, Ports } from './ports.ts';
import { progressLine } from './progress-view.ts';

export type FollowOptions = {
  readonly live: LiveLines;
  /** What the live line begins with. */
  readonly label: string;
  /** Aborted when the run is to be left to its supervisor. */
  readonly detach: AbortSignal;
  /** Told every line of the stream. */
  readonly onLine?: ((line: string) => Promise<void>) | undefined;
};

/** Follows a run until it has ended, or is left to its supervisor; Ctrl-C ends the run. */
export async function followRun(
  { narrator, clock }: Ports,
  hub: Hub,
  record: DispatchRecord,
  { live, label, detach, onLine }: FollowOptions,
): Promise<DispatchRecord> {
  const id = record.dispatch.dispatch_id ?? '';
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
    const news = await hub.supervisors.follow(id, { lines: true, wait: true, signal: detach });
    for await (const item of news) {
      if (item.kind === 'record') latest = item.record;
      if (item.kind === 'attempt') progress = { ...noProgress, turns: progress.turns };
      if (item.kind === 'line') {
        for (const event of readEvents(item.line)) progress = progressed(progress, event);
        await onLine?.(item.line);
      }
      if (item.kind === 'tick') {
        const { columns } = narrator.tty;
        live.set(id, progressLine(label, latest, progress, { now: clock.now(), columns }));
      }
    }
  } finally {
    narrator.signal.removeEventListener('abort', stop);
    live.clear(id);
  }
  return stopping === undefined ? latest : await stopping;
}
