import type { RowMerge } from '../domain/rows/conflict.ts';
import type { Three } from '../domain/rows/lines.ts';
import { mergeRows } from '../domain/rows/merge.ts';
import type { Ports } from './ports.ts';

/** The merge of three files by rows; one that is not UTF-8 is refused. */
export async function mergeTextFiles(
  { texts }: Pick<Ports, 'texts'>,
  paths: Three<string>,
): Promise<RowMerge> {
  const [base, ours, theirs] = await Promise.all([
    texts.read(paths.base),
    texts.read(paths.ours),
    texts.read(paths.theirs),
  ]);
  if (base === undefined || ours === undefined || theirs === undefined)
    return { kind: 'refused', why: 'it is not UTF-8' };
  return mergeRows({ base, ours, theirs });
}
