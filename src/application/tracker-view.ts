import type { TrackerSet, TrackerShown } from '../domain/answers/tracker.ts';
import { displayWidth } from '../domain/display-width.ts';
import { visibleText } from '../domain/plain-text.ts';
import type { Status } from '../domain/status.ts';
import type { ViewOptions } from './command.ts';
import { paint } from './paint.ts';
import { cut, padded, shortened } from './table.ts';

type Style = Parameters<typeof paint>[1];

const colors: Partial<Record<Status, Style>> = {
  COMPLETE: 'green',
  IN_PROGRESS: 'cyan',
  FAILED: 'red',
  BLOCKED: 'red',
  SKIPPED: 'dim',
  CANCELLED: 'dim',
};

const widestStatus = 24;

/** The rows that have a status, under the titles of their tables, each with the address that `set` takes. */
export function trackerView(shown: readonly TrackerShown[], { color, columns }: ViewOptions): string {
  return shown
    .flatMap(({ file, tables }) => {
      const lines = [paint(visibleText(file), 'dim', color)];
      for (const { title, rows } of tables) {
        const settable = rows.flatMap(({ address, ...row }) =>
          address === null ? [] : [{ address, ...row }],
        );
        if (settable.length === 0) continue;
        lines.push('', paint(fitted(visibleText(title), columns), 'bold', color));
        const cells = settable.map(({ address, raw_status: raw, title: name }) => ({
          address: visibleText(address),
          status: shortened(visibleText(raw ?? '-'), widestStatus),
          name: visibleText(name ?? ''),
        }));
        const widest = (of: (cell: (typeof cells)[number]) => string) =>
          Math.max(...cells.map((cell) => displayWidth(of(cell))));
        const status = widest((cell) => cell.status);
        const address = Math.min(
          widest((cell) => cell.address),
          Math.max(12, columns - status - 16),
        );
        for (const [index, cell] of cells.entries()) {
          const style = colors[settable[index]?.status ?? 'UNKNOWN'];
          const name = cut80(cell.name, columns - address - status - 6);
          const shownStatus = style === undefined ? cell.status : paint(cell.status, style, color);
          const fill = ' '.repeat(status - displayWidth(cell.status));
          lines.push(
            `  ${padded(shortened(cell.address, address), address)}  ${shownStatus}${fill}  ${name}`.trimEnd(),
          );
        }
      }
      if (lines.length === 1) lines.push('no table has a column for statuses');
      return lines;
    })
    .join('\n');
}

const fitted = (text: string, columns: number) => cut80(text, columns);

const cut80 = (text: string, room: number): string =>
  room < 4 ? '' : displayWidth(text) <= room ? text : cut(text, room);

/** What `set` did, or would do: with `-n` the lines as they are and as they would be. */
export function trackerSetView(
  changed: readonly TrackerSet[],
  { color }: ViewOptions,
  { dryRun }: { readonly dryRun: boolean },
): string {
  return changed
    .flatMap(({ file, address, before, after, lines, changes }) => {
      const what = `${visibleText(address)}: ${visibleText(before === '' ? '-' : before)}`;
      if (lines.length === 0) return [`${what} already; nothing to change in ${visibleText(file)}`];
      if (!dryRun)
        return [`${what} → ${visibleText(after)}`, `${visibleText(file)}: line ${lines.join(', ')}`];
      return changes.flatMap((change) => [
        paint(`${visibleText(file)}:${change.line}`, 'dim', color),
        ...(change.before === null ? [] : [paint(`- ${visibleText(change.before)}`, 'red', color)]),
        paint(`+ ${visibleText(change.after)}`, 'green', color),
      ]);
    })
    .join('\n');
}
