import * as z from 'zod';
import { describeConflict } from '../../domain/rows/conflict.ts';
import { defineCommand, one } from '../command.ts';
import { fromHere } from '../prompt.ts';
import { mergeTextFiles } from '../row-merge.ts';

/** What a merge driver tells git: 0 for a merge, 1 for conflicts that the file has markers for. */
type Driven = { readonly code: 0 | 1 };

/**
 * git's protocol of merge drivers: the result goes into the second file. What cannot be merged by rows is left to
 * git's own merge of lines. Asks nothing of the repository, and whatever fails leaves that file as it was.
 */
export const mergeDriver = defineCommand({
  name: 'merge-driver',
  summary: 'Merge by rows as a merge driver of git',
  description:
    'git runs it as merge.wt-rows.driver; wt init --merge-drivers registers it:\n\n' +
    '  wt merge-driver %O %A %B %P %L\n\n' +
    'The result is written to the second file. Where a person has to decide, it gets the conflict markers of\n' +
    'git merge-file, stderr names the rows, and the exit code is 1; without any markers where only the rows collide.',
  hidden: true,
  args: [
    { name: 'base', summary: '%O', required: true },
    { name: 'ours', summary: '%A', required: true },
    { name: 'theirs', summary: '%B', required: true },
    { name: 'path', summary: '%P, for messages' },
    { name: 'marker-size', summary: '%L' },
  ],
  options: [],
  input: z.object({
    base: z.string(),
    ours: z.string(),
    theirs: z.string(),
    path: z.string().optional(),
    markerSize: z.coerce.number().int().min(1).max(1000).optional(),
  }),
  answer: undefined,
  async run(ports, { base, ours, theirs, path = 'this file', markerSize }) {
    const here = (file: string) => fromHere(ports, file);
    const paths = { base: here(base), ours: here(ours), theirs: here(theirs) };
    const merge = await mergeTextFiles(ports, paths);
    if (merge.kind === 'merged') {
      await ports.texts.replace(paths.ours, merge.text);
      return one<Driven>({ code: 0 });
    }
    const cwd = ports.environment.cwd();
    const lines = await ports.texts.mergeLines(paths, { cwd, markerSize });
    if (lines.kind !== 'failed') await ports.texts.replace(paths.ours, lines.bytes);
    if (merge.kind === 'refused') return one<Driven>({ code: lines.kind === 'clean' ? 0 : 1 });
    for (const conflict of merge.conflicts) ports.narrator.note(`wt: ${path}: ${describeConflict(conflict)}`);
    return one<Driven>({ code: 1 });
  },
  exitCode: ([driven]) => driven?.code,
  view: () => '',
});
