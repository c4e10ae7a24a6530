import * as z from 'zod';
import { describeConflict, type RowConflict } from '../../domain/rows/conflict.ts';
import { defineCommand, one } from '../command.ts';
import { fromHere } from '../prompt.ts';
import { mergeTextFiles } from '../row-merge.ts';

/** Merges three versions of a Markdown file by the rows of their tables. */
export const mergeFile = defineCommand({
  name: 'merge-file',
  summary: 'Merge three versions of a Markdown file row by row',
  description: [
    'Prints the merged text. Tables are merged by row and cell: rows that only one side added, changed or removed',
    'come out as that side has them. All else is merged by lines. Nothing is guessed: where both sides changed a',
    'cell or lines of prose differently, nothing is printed, stderr names each place, and the exit code is 3.',
    '',
    '  wt merge-file base.md ours.md theirs.md > merged.md',
    '  wt merge-file base.md ours.md theirs.md -o ours.md',
  ].join('\n'),
  args: [
    { name: 'base', summary: 'what both sides come from', required: true },
    { name: 'ours', summary: 'the one side', required: true },
    { name: 'theirs', summary: 'the other side', required: true },
  ],
  options: [{ flags: '-o, --write <file>', summary: 'write it there, which may be one of the three' }],
  input: z.object({
    base: z.string(),
    ours: z.string(),
    theirs: z.string(),
    write: z.string().optional(),
  }),
  answer: async () => (await import('../../domain/answers/merge-file.ts')).MergeFileAnswer,
  async run(ports, { base, ours, theirs, write }) {
    const here = (path: string) => fromHere(ports, path);
    const paths = { base: here(base), ours: here(ours), theirs: here(theirs) };
    const merge = await mergeTextFiles(ports, paths);
    const merged = merge.kind === 'merged' ? merge.text : null;
    const file = merged === null || write === undefined ? null : here(write);
    if (file !== null && merged !== null) await ports.texts.replace(file, merged);
    if (merge.kind === 'conflicts')
      for (const conflict of merge.conflicts) ports.narrator.note(describeConflict(conflict));
    const why = merge.kind === 'refused' ? merge.why : null;
    if (why !== null) ports.narrator.warn(`nothing was merged: ${why}`);
    // What is printed for people is the text and not a byte more.
    if (ports.narrator.format === 'people' && merged !== null && file === null)
      await ports.narrator.write(merged);
    return one({
      merged,
      rows: merge.kind === 'conflicts' ? merge.conflicts.map(shown) : [],
      why,
      file,
      warnings: [],
      error: null,
    });
  },
  verdict: ({ merged }) => (merged === null ? 'conflict' : 'ok'),
  view: () => '',
});

const shown = ({ reason, section, row, column, base, ours, theirs }: RowConflict) => ({
  reason,
  section: section ?? null,
  row: row ?? null,
  column: column ?? null,
  base: base ?? null,
  ours: ours ?? null,
  theirs: theirs ?? null,
});
