import type { ListAnswer, StatusAnswer, WorktreeState } from '../domain/answers/status.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';
import { displayWidth, padded, shortened } from './table.ts';

type Row = ListAnswer & Partial<Pick<StatusAnswer, 'changes' | 'conflicts' | 'needs'>>;
type Style = Parameters<typeof paint>[1];

/** Worktrees as a table that fits the terminal, each with what it needs and what is wrong on the lines below it. */
export function statusView(rows: readonly Row[], { color, columns, cwd }: ViewOptions): string {
  const cells = rows.map((row) => cellsOf(row, cwd));
  const widths = [0, 1, 2, 3, 4].map((at) =>
    Math.max(0, ...cells.map((cell) => displayWidth(cell[at] ?? ''))),
  );
  const [mark = 0, name = 0, ...others] = widths;
  const taken = mark + others.reduce((sum, width) => sum + (width === 0 ? 0 : width + 2), 0) + 1;
  const nameWidth = Math.max(12, Math.min(name, columns - taken));
  const lines = rows.flatMap((row, index) => {
    const [sign = '', label = '', ...rest] = cells[index] ?? [];
    const shown = [
      paint(padded(sign, mark), 'cyan', color),
      paint(padded(shortened(label, nameWidth), nameWidth), row.is_main ? 'dim' : 'bold', color),
    ].join(' ');
    const facts = rest.flatMap((cell, at) => {
      const width = others[at] ?? 0;
      return width === 0 ? [] : [paint(padded(cell, width), styleOf(row, at), color)];
    });
    const line = [shown, ...facts].join('  ').trimEnd();
    return [line, ...details(row).map(([text, style]) => `    ${paint(text, style, color)}`)];
  });
  if (rows.every((row) => row.is_main)) lines.push('no worktrees yet: wt create <name> makes one');
  return lines.join('\n');
}

function cellsOf(row: Row, cwd: string): string[] {
  const isHere = cwd === row.path || cwd.startsWith(`${row.path}/`);
  return [
    isHere ? '@' : ' ',
    visibleText(row.project_id ?? row.branch ?? (row.detached ? `${row.path} (detached)` : row.path)),
    stateText(row),
    [row.ahead ? `+${row.ahead}` : '', row.behind ? `-${row.behind}` : ''].filter(Boolean).join(' '),
    changesText(row),
  ];
}

const stateText = (row: Row): string => {
  if (row.prunable !== null) return 'gone';
  const state = row.state ?? 'unknown';
  return row.locked === null ? state : `${state}, locked`;
};

/** As in git's short status: staged `+`, changed `~`, untracked `?`, conflicted `!`. */
function changesText(row: Row): string {
  if (row.uncommitted_changes === null) return row.prunable === null ? 'unknown' : '';
  if (row.changes === undefined || row.changes === null) return row.uncommitted_changes ? 'dirty' : 'clean';
  const { staged, unstaged, untracked, conflicted } = row.changes;
  const counts = [
    ['!', conflicted],
    ['+', staged],
    ['~', unstaged],
    ['?', untracked],
  ] as const;
  const shown = counts.flatMap(([sign, count]) => (count === 0 ? [] : [`${sign}${count}`]));
  return shown.length === 0 ? 'clean' : shown.join(' ');
}

const colors: Partial<Record<WorktreeState, Style>> = {
  running: 'cyan',
  dispatched: 'cyan',
  completed: 'green',
  failed: 'red',
  merged: 'dim',
  provisioning: 'yellow',
  merging: 'yellow',
  cleanup: 'yellow',
};

function styleOf(row: Row, column: number): Style {
  if (column === 0)
    return row.prunable !== null ? 'red' : row.state === null ? 'yellow' : (colors[row.state] ?? 'dim');
  if (column === 1) return 'dim';
  return row.uncommitted_changes === false ? 'dim' : 'yellow';
}

function details(row: Row): [string, Style][] {
  const lines: [string, Style][] = [];
  if (row.needs) lines.push([`${row.needs.kind.replaceAll('_', ' ')}: ${row.needs.command}`, 'cyan']);
  const paths = (row.conflicts ?? []).map(({ path }) => visibleText(path));
  if (paths.length > 0) lines.push([`conflicts with ${row.base} in ${listed(paths)}`, 'red']);
  for (const { code, message } of row.warnings) {
    lines.push([visibleText(message), code === 'conflicts_with_worktree' ? 'red' : 'yellow']);
  }
  return lines;
}

const listed = (paths: readonly string[]): string =>
  paths.length > 3 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
