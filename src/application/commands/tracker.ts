import * as z from 'zod';
import type { TrackerSet, TrackerShown } from '../../domain/answers/tracker.ts';
import { conflictLine } from '../../domain/conflict-markers.ts';
import { failures } from '../../domain/failure.ts';
import { addressesOf, requireRow } from '../../domain/tracker/address.ts';
import { setStatus } from '../../domain/tracker/set-status.ts';
import { readTracker } from '../../domain/tracker/tracker.ts';
import { defineCommand, one } from '../command.ts';
import type { Hub, Ports } from '../ports.ts';
import { chooseTracker, type TrackerFile } from '../tracker-file.ts';
import { trackerSetView, trackerView } from '../tracker-view.ts';

const Input = z.object({
  action: z.enum(['show', 'set'], { error: 'is show or set' }).default('show'),
  row: z.string().optional(),
  status: z.string().optional(),
  file: z.string().optional(),
  if: z.string().optional(),
  note: z.string().optional(),
  statusOnly: z.boolean().default(false),
  here: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
type Input = z.infer<typeof Input>;

/** Shows a WORKTRACKER.md, or changes the status of one row and nothing else in it. */
export const tracker = defineCommand({
  name: 'tracker',
  summary: 'Show a WORKTRACKER.md, or set the status of a row',
  description:
    'The file is that of --file, of the current project (projects/<id>/WORKTRACKER.md), the one at the top, or the only\n' +
    'one. From a linked worktree it is the copy in the main one, which coordinates, unless --here.\n\n' +
    'A row is named by its id; one of several with that id by its section, parent or folder too, or its number:\n' +
    'EN-202/BUG-001, BUG-001[2]. PENDING, READY, IN_PROGRESS, COMPLETE, FAILED, BLOCKED, SKIPPED and CANCELLED are\n' +
    'written in the spelling that the file uses most, any other text as given. Where the file keeps a history, the\n' +
    'change becomes a row of it; where other rows of that status carry a date, so does this one. No other byte changes.\n\n' +
    '  wt tracker\n  wt tracker set WI-009 IN_PROGRESS --if PENDING\n  wt tracker set EN-202/BUG-001 COMPLETE -n',
  args: [
    { name: 'action', summary: 'show or set; show when left out' },
    { name: 'row', summary: 'with set: the row' },
    { name: 'status', summary: 'with set: its new status' },
  ],
  options: [
    { flags: '--file <path>', summary: 'the tracker' },
    { flags: '--if <status>', summary: 'with set: only if this is its status now' },
    { flags: '--note <text>', summary: 'with set: what the history is to say besides' },
    { flags: '--status-only', summary: 'with set: the text exactly as given, and no row in the history' },
    { flags: '--here', summary: "this worktree's own copy" },
    { flags: '-n, --dry-run', summary: 'with set: only show the lines' },
  ],
  input: Input,
  answer: async () => {
    const { TrackerSet, TrackerShown } = await import('../../domain/answers/tracker.ts');
    return z.union([TrackerSet, TrackerShown]);
  },
  async run(ports, input) {
    const { action, row, status, file, here } = input;
    const setting =
      [input.if, input.note].some((each) => each !== undefined) || input.statusOnly || input.dryRun;
    if (action === 'show' && (row !== undefined || setting))
      throw failures.usage('show takes no row, and of the options --file and --here', 'wt tracker show');
    if (action === 'set' && (row === undefined || status === undefined))
      throw failures.usage(
        'set takes a row and a status',
        'wt tracker set <row> COMPLETE; wt tracker show lists them',
      );
    const hub = await ports.hub();
    const chosen = await chooseTracker(ports, hub, { file, here });
    for (const { message } of chosen.warnings) ports.narrator.warn(message);
    const answer =
      row === undefined || status === undefined
        ? await show(hub, chosen)
        : await set(ports, hub, chosen, { ...input, row, status });
    for (const { message } of answer.warnings.slice(chosen.warnings.length)) ports.narrator.warn(message);
    return one(answer);
  },
  view: (items, options, { dryRun }) =>
    [
      trackerView(
        items.flatMap((item) => ('tables' in item ? [item] : [])),
        options,
      ),
      trackerSetView(
        items.flatMap((item) => ('tables' in item ? [] : [item])),
        options,
        { dryRun },
      ),
    ]
      .filter((text) => text !== '')
      .join('\n'),
});

async function show(hub: Hub, { path, warnings }: TrackerFile): Promise<TrackerShown> {
  const { text } = await hub.stateFiles.read(path);
  const read = readTracker(text);
  const conflict = conflictLine(text);
  const message = `line ${conflict}: an unresolved merge conflict; rows after it may be missing here`;
  const addresses = new Map(addressesOf(read).map(({ address, row }) => [row, address]));
  const tables = read.tables.map(({ title, line, columns, rows, isHistory }) => ({
    title,
    line,
    columns: [...columns.names],
    history: isHistory,
    rows: rows.map((row) => ({
      address: addresses.get(row) ?? null,
      id: row.id,
      status: row.status?.status ?? null,
      raw_status: row.status === undefined ? null : (row.cell?.text ?? null),
      title: row.title ?? null,
      line: row.line,
    })),
  }));
  const found = conflict === undefined ? [] : [{ code: 'conflict_markers', message }];
  return { file: path, tables, warnings: [...warnings, ...found], error: null };
}

async function set(
  { clock, narrator }: Pick<Ports, 'clock' | 'narrator'>,
  hub: Hub,
  { path, top, name, warnings }: TrackerFile,
  input: Input & { readonly row: string; readonly status: string },
): Promise<TrackerSet> {
  const { status, statusOnly, note } = input;
  const change = (text: string) => {
    const conflict = conflictLine(text);
    if (conflict !== undefined)
      throw failures.stateFileInvalid(path, { line: conflict, column: 1 }, 'an unresolved merge conflict');
    const read = readTracker(text);
    const found = requireRow(read, input.row, name);
    const wish = { status, when: input.if, statusOnly, note, now: clock.now(), file: name };
    const { changes, before, after, ...edit } = setStatus(read, found, wish);
    const answer: TrackerSet = {
      file: path,
      address: found.address,
      before,
      after,
      lines: changes.map(({ line }) => line),
      changes: changes.map((each) => ({ ...each, before: each.before ?? null })),
      warnings: [...warnings, ...edit.warnings],
      error: null,
    };
    return { text: edit.text, result: answer };
  };
  if (input.dryRun) return change((await hub.stateFiles.read(path)).text).result;
  return hub.stateFiles.update(path, async ({ text }) => change(text), {
    within: top,
    purpose: 'wt tracker set',
    signal: narrator.signal,
    onWait: (holder) => narrator.note(`waiting for ${holder}`),
  });
}
