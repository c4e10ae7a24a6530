import { formatDuration } from '../domain/duration.ts';
import type { Event } from '../domain/event.ts';
import { oneLine, visibleText } from '../domain/plain-text.ts';
import { dollars, plural } from './dispatch-view.ts';
import { paint } from './paint.ts';

const typeWidth = 'landing.gate_failed'.length;

/** An event in one line: number, time, what happened where, and its essence. */
export function eventLine(event: Event, color: boolean): string {
  const { branch } = event.data ?? {};
  const place = visibleText(branch ?? event.worktree_path ?? '');
  const words = [event.dispatch_id, essence(event)].filter((word) => word !== null && word !== '');
  const time = event.time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
  return [
    paint(String(event.seq).padStart(4), 'dim', color),
    time,
    paint(event.type.padEnd(typeWidth), tone(event), color),
    paint(place, 'bold', color),
    ...words,
  ].join('  ');
}

function tone(event: Event): 'green' | 'yellow' | 'red' | 'cyan' {
  if (
    event.type === 'landing.undone' ||
    event.type === 'landing.conflicts' ||
    event.type === 'dispatch.parked'
  )
    return 'yellow';
  if (event.type === 'landing.merged') return 'green';
  if (event.type === 'landing.gate_failed') return 'red';
  if (event.type !== 'dispatch.finished') return 'cyan';
  if (event.data.status === 'failed') return 'red';
  return event.data.reason === null ? 'green' : 'yellow';
}

function essence(event: Event): string {
  switch (event.type) {
    case 'dispatch.started':
    case 'dispatch.adopted':
      return event.data.pid === null ? '' : `claude ${event.data.pid}`;
    case 'dispatch.resumed':
      return `attempt ${event.data.attempt} (${event.data.cause})`;
    case 'dispatch.parked':
      return event.data.resets_at === null ? 'until the limit is over' : `until ${event.data.resets_at}`;
    case 'dispatch.finished': {
      const { status, reason, commits, total_cost_usd: cost, duration_ms: ms } = event.data;
      const ending = `${status}${reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`}`;
      const facts = [
        commits === null ? undefined : plural(commits, 'commit'),
        cost === null ? undefined : dollars(cost),
        ms === null ? undefined : formatDuration(ms),
      ].filter((fact) => fact !== undefined);
      return `${ending}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
    }
    case 'worktree.created':
      return event.data.base === null ? '' : `from ${visibleText(event.data.base)}`;
    case 'worktree.removed':
      return `wt undo ${event.data.trash} brings it back`;
    case 'worktree.restored':
      return '';
    case 'landing.merged':
      return `on ${visibleText(event.data.target)} (${event.data.target_after.slice(0, 10)})`;
    case 'landing.undone':
      return `${event.data.landing}: ${visibleText(event.data.target)} is back at ${event.data.target_after.slice(0, 10)}`;
    case 'landing.conflicts':
      return `with ${visibleText(event.data.target)}: ${oneLine(event.data.paths.join(', '), 80)}`;
    case 'landing.gate_failed': {
      const { target, command, exit_code } = event.data;
      const how = exit_code === null ? '' : ` (exit ${exit_code})`;
      return `on ${visibleText(target)}: ${oneLine(command, 80)}${how}`;
    }
    default:
      return ''; // of a newer wt
  }
}
