import type { ListAnswer, StatusAnswer, WorktreeState } from '../domain/answers/status.ts';
import { displayWidth } from '../domain/display-width.ts';
import { visibleText } from '../domain/plain-text.ts';
import { isRunLock } from '../domain/run-lock.ts';
import { describeSession } from '../domain/session.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';
import { padded, shortened } from './table.ts';

type Row = ListAnswer &
  Partial<Pick<StatusAnswer, 'changes' | 'conflicts' | 'needs' | 'sessions' | 'integrated_upstream'>>;
type Style = Parameters<typeof paint>[1];
type Cell = { readonly text: string; readonly style?: Style };

const gap = '  ';
const narrowestName = 12;
/** From this width on there is room for the dispatch. */
const wideTerminal = 100;

/**
 * Worktrees as a table that fits the terminal: long names are shortened, what a worktree needs stands behind the row
 * where there is room for all of them and else below it, and so does what is wrong with it.
 */
export function statusView(rows: readonly Row[], { color, columns, cwd }: ViewOptions): string {
  const cells = rows.map((row) => cellsOf(row, cwd, columns));
  const count = cells[0]?.length ?? 0;
  const widthOf = (column: number) =>
    Math.max(...cells.map((cell) => displayWidth(cell[column]?.text ?? '')));
  const widths = Array.from({ length: count }, (_, column) => widthOf(column));
  const [mark = 0, name = 0, ...others] = widths;
  const taken = others.reduce((sum, width) => sum + (width === 0 ? 0 : width + gap.length), mark + 1);
  const nameWidth = Math.min(name, Math.max(narrowestName, columns - taken));
  const needWidth = Math.max(0, ...rows.map((row) => displayWidth(needText(row))));
  const isInline = taken + nameWidth + gap.length + needWidth <= columns;

  const lines = rows.flatMap((row, index) => {
    const [sign, label, ...rest] = cells[index] ?? [];
    const shown = [
      show(sign, mark, color),
      show(label && { ...label, text: shortened(label.text, nameWidth) }, nameWidth, color),
    ].join(' ');
    const facts = rest.flatMap((cell, at) => (others[at] ? [show(cell, others[at], color)] : []));
    const need = needText(row) === '' ? [] : [paint(needText(row), 'cyan', color)];
    const line = [shown, ...facts, ...(isInline ? need : [])].join(gap).trimEnd();
    const below = [
      ...(isInline ? [] : need),
      ...problems(row).map(({ text, style }) => paint(text, style, color)),
    ];
    return [line, ...below.map((text) => `    ${text}`)];
  });
  if (rows.every((row) => row.is_main)) lines.push('no worktrees yet: wt create <name> makes one');
  return lines.join('\n');
}

const show = (cell: Cell | undefined, width: number, color: boolean): string => {
  const text = cell?.text ?? '';
  const fill = padded(text, width).slice(text.length);
  return `${cell?.style === undefined ? text : paint(text, cell.style, color)}${fill}`;
};

function cellsOf(row: Row, cwd: string, columns: number): Cell[] {
  const isHere = cwd === row.path || cwd.startsWith(`${row.path}/`);
  const name = row.project_id ?? row.branch ?? (row.detached ? `${row.path} (detached)` : row.path);
  const commits = [row.ahead ? `+${row.ahead}` : '', row.behind ? `-${row.behind}` : ''];
  return [
    { text: isHere ? '@' : ' ', style: 'cyan' },
    { text: visibleText(name), style: row.is_main ? 'dim' : 'bold' },
    stateCell(row),
    { text: commits.filter(Boolean).join(' '), style: 'dim' },
    changesCell(row),
    { text: columns < wideTerminal ? '' : (row.dispatch_id ?? ''), style: 'dim' },
  ];
}

const colors: Partial<Record<WorktreeState, Style>> = {
  running: 'cyan',
  dispatched: 'cyan',
  completed: 'green',
  failed: 'red',
  provisioning: 'yellow',
  merging: 'yellow',
  cleanup: 'yellow',
};

function stateCell({ prunable, state, locked }: Row): Cell {
  if (prunable !== null) return { text: 'gone', style: 'red' };
  const runs = state === 'running' || state === 'dispatched';
  const isLocked = locked !== null && !(runs && isRunLock(locked)); // that of the run says nothing more
  const text = `${state ?? 'unknown'}${isLocked ? ', locked' : ''}`;
  return { text, style: state === null ? 'yellow' : (colors[state] ?? 'dim') };
}

/** As in git's short status: staged `+`, changed `~`, untracked `?`, conflicted `!`. */
function changesCell({ uncommitted_changes: isDirty, changes, prunable }: Row): Cell {
  if (isDirty === null) return { text: prunable === null ? 'unknown' : '', style: 'yellow' };
  if (!isDirty) return { text: 'clean', style: 'dim' };
  if (changes === undefined || changes === null) return { text: 'dirty', style: 'yellow' };
  const counts = [
    ['!', changes.conflicted],
    ['+', changes.staged],
    ['~', changes.unstaged],
    ['?', changes.untracked],
  ] as const;
  const shown = counts.flatMap(([sign, count]) => (count === 0 ? [] : [`${sign}${count}`]));
  return { text: shown.join(' '), style: 'yellow' };
}

const needText = ({ needs }: Row): string =>
  needs ? `${needs.kind.replaceAll('_', ' ')}: ${visibleText(needs.command)}` : '';

function problems(row: Row): { readonly text: string; readonly style: Style }[] {
  const paths = (row.conflicts ?? []).map(({ path }) => visibleText(path));
  const conflict = `conflicts with ${row.base} in ${listed(paths)}`;
  return [
    ...(row.sessions ?? []).map((session) => ({
      text: `in use: ${visibleText(describeSession(session))}`,
      style: 'cyan' as const,
    })),
    ...(row.integrated_upstream
      ? [{ text: `its work is in the upstream of ${row.base} already`, style: 'dim' as const }]
      : []),
    ...(paths.length === 0 ? [] : [{ text: conflict, style: 'red' as const }]),
    ...row.warnings.map(({ code, message }) => ({
      text: visibleText(message),
      style: code === 'conflicts_with_worktree' ? ('red' as const) : ('yellow' as const),
    })),
  ];
}

const listed = (paths: readonly string[]): string =>
  paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
