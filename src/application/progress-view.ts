import type { DispatchRecord } from '../domain/dispatch.ts';
import { costOf, type DispatchProgress } from '../domain/dispatch-progress.ts';
import { displayWidth } from '../domain/display-width.ts';
import { formatDuration } from '../domain/duration.ts';
import { oneLine } from '../domain/plain-text.ts';
import { dollars, plural } from './dispatch-view.ts';
import { padded, shortened } from './table.ts';

/** Makes the names of several runs equally wide, and leaves two thirds of the terminal to what they do. */
export function nameColumn(names: readonly string[], columns: number): (name: string) => string {
  const most = Math.min(40, Math.max(8, Math.floor(columns / 3)));
  const width = Math.min(most, Math.max(0, ...names.map((name) => displayWidth(oneLine(name)))));
  return (name) => padded(shortened(oneLine(name), width), width);
}

/** Below this there is only room for what a run does now. */
const narrow = 60;

/** One line that shows how far a run is, redrawn in place. */
export function progressLine(
  label: string,
  { dispatch, phase, request }: DispatchRecord,
  progress: DispatchProgress,
  { now, columns }: { readonly now: Date; readonly columns: number },
): string {
  const cost = spent(dispatch, progress);
  const attempt = dispatch.attempts.length;
  const most = request.until?.attempts;
  return [
    label,
    formatDuration(now.getTime() - Date.parse(dispatch.started_at ?? '')),
    ...(attempt > 1 || (attempt === 1 && most !== undefined && most > 1)
      ? [`attempt ${attempt}${most === undefined || most < attempt ? '' : ` of ${most}`}`]
      : []),
    ...(progress.turns === 0 || columns < narrow ? [] : [plural(progress.turns, 'turn')]),
    ...(cost === undefined || columns < narrow ? [] : [dollars(cost)]),
    doing({ dispatch, phase, request }, progress, now),
  ].join('  ');
}

/** What the attempts so far have cost, in USD, as far as claude has told. */
function spent({ attempts }: DispatchRecord['dispatch'], { result }: DispatchProgress): number | undefined {
  const costs = [...attempts.slice(0, -1).map(({ total_cost_usd }) => total_cost_usd), costOf(result)];
  const told = costs.filter((cost) => cost != null);
  return told.length === 0 ? undefined : told.reduce((sum, cost) => sum + cost, 0);
}

function doing(
  {
    dispatch: { resets_at: until, reason },
    phase,
    request,
  }: Pick<DispatchRecord, 'dispatch' | 'phase' | 'request'>,
  { retry, tool, said }: DispatchProgress,
  now: Date,
): string {
  switch (phase) {
    case 'preparing':
    case 'starting':
      return 'starting';
    case 'parked':
      if (reason !== 'rate_limited') return 'waiting before the API is asked again';
      return until === null ? 'parked' : `parked until ${clockTime(until, now)}`;
    case 'checking':
      return `checking: ${oneLine(request.until?.command ?? '')}`;
    case 'running':
      if (retry !== undefined) return `waiting for the API (${oneLine(retry.error)}, try ${retry.attempt})`;
      return tool === undefined ? said : `${oneLine(tool.name, 60)} ${tool.essence}`;
    case 'ending':
    case 'ended':
      return 'ending';
  }
}

/** The time of day here, with the day where it is not today's. */
export function clockTime(time: string, now: Date): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}
