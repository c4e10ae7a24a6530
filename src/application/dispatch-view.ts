import type { DispatchAnswer } from '../domain/answers/dispatch.ts';
import { isCompleteWithWork } from '../domain/dispatch.ts';
import { formatDuration } from '../domain/duration.ts';
import { plainText } from '../domain/plain-text.ts';
import { boundLines } from './bound-view.ts';
import { paint } from './paint.ts';

/** `1 turn`, `2 turns`. */
export const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Dollars, with cents enough that a cheap run does not look free. */
export const dollars = (usd: number): string => `$${usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)}`;

/** `complete`, or with the reason why that is not all: `complete (dirty)`, `failed (timeout)`. */
export const statusText = ({ dispatch_id: id, status, reason }: DispatchAnswer): string =>
  `${status ?? (id === null ? 'not begun' : 'unreadable')}${reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`}`;

/** What a run came to, in one line. */
export function summaryLine(dispatch: DispatchAnswer, color: boolean): string {
  const { commits, num_turns: turns, total_cost_usd: cost, duration_ms: ms } = dispatch;
  const facts = [
    commits === null || dispatch.status === 'running' ? undefined : plural(commits, 'commit'),
    dispatch.uncommitted_changes === true ? 'uncommitted changes' : undefined,
    turns === null ? undefined : plural(turns, 'turn'),
    cost === null ? undefined : dollars(cost),
    ms === null ? undefined : formatDuration(ms),
  ].filter((fact) => fact !== undefined);
  const status = paint(statusText(dispatch), tone(dispatch), color);
  return `${dispatch.dispatch_id} ${status}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
}

function tone(dispatch: DispatchAnswer): 'green' | 'yellow' | 'red' | 'cyan' {
  if (dispatch.status === 'running') return 'cyan';
  if (dispatch.status !== 'complete') return 'red';
  return isCompleteWithWork(dispatch) && dispatch.reason === null ? 'green' : 'yellow';
}

/** The answers of runs for people: what each agent said last, and what it came to. */
export function dispatchView(
  answers: readonly DispatchAnswer[],
  { color }: { readonly color: boolean },
): string {
  return answers
    .filter(({ dispatch_id }) => dispatch_id !== null)
    .map((dispatch) => {
      const name = dispatch.branch ?? dispatch.worktree_path;
      const head = answers.length > 1 ? [paint(`${name}`, 'bold', color)] : [];
      const said = dispatch.result === null ? [] : [plainText(dispatch.result).trimEnd(), ''];
      return [...head, ...said, summaryLine(dispatch, color), ...boundLines(dispatch.orchestration)].join(
        '\n',
      );
    })
    .join('\n\n');
}

/** Runs as a table, newest first. */
export function runsView(runs: readonly DispatchAnswer[], { color }: { readonly color: boolean }): string {
  if (runs.length === 0) return 'nothing was dispatched here yet: wt dispatch <worktree> -p …';
  const cells = runs.map((run) => [
    run.dispatch_id ?? '',
    statusText(run),
    run.num_turns === null ? '' : plural(run.num_turns, 'turn'),
    run.total_cost_usd === null ? '' : dollars(run.total_cost_usd),
    run.duration_ms === null ? '' : formatDuration(run.duration_ms),
    run.branch ?? run.worktree_path ?? '',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row, at) =>
      row
        .map((cell, column) => {
          const padded = column === 5 ? cell : cell.padEnd(widths[column] ?? 0);
          const run = runs[at];
          return column === 1 && run !== undefined ? paint(padded, tone(run), color) : padded;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
