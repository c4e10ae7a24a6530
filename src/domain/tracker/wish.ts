import { isCanonical, Status } from '../status.ts';
import type { Warning } from '../warning.ts';
import { plainText } from './plain.ts';
import { spellingOf } from './spelling.ts';
import { readStatus, type StatusCell } from './status-cell.ts';
import type { Tracker, TrackerRow } from './tracker.ts';

/** What a row is to become. */
export type Wish = {
  /** A canonical name, or a text. */
  readonly status: string;
  /** Only if this is its status now. */
  readonly when: string | undefined;
  /** The text goes in as given, and nothing else changes. */
  readonly statusOnly: boolean;
  readonly note: string | undefined;
  readonly now: Date;
  /** For messages. */
  readonly file: string;
};

/** A canonical name in the file's spelling, any other text as given; a link stays, what qualified the old status goes. */
export function written(tracker: Tracker, row: TrackerRow, wanted: string) {
  const warnings: Warning[] = [];
  const isKnown = isCanonical(wanted);
  if (isKnown && wanted === row.status?.status) return { after: row.cell?.text ?? '', warnings };
  const spelling = isKnown ? spellingOf(wanted, tracker, row) : escapedPipes(wanted);
  if (!isKnown && readStatus(spelling).status === 'UNKNOWN')
    warnings.push({
      code: 'unknown_status',
      message: `'${wanted}' is no status that wt knows; it is written as given`,
    });
  const { link, qualifier = '' } = row.status ?? {};
  if (qualifier !== '')
    warnings.push({
      code: 'qualifier_dropped',
      message: `'${qualifier}' was said of the old status and is not kept`,
    });
  return { after: link === undefined ? spelling : `[${spelling}${link}`, warnings };
}

/** Whether a status is what `--if` says: as it is written, or in what it means. */
export function holds(wanted: string, raw: string, status: StatusCell | undefined): boolean {
  const plain = (text: string) => plainText(text).toLowerCase();
  const written = [raw, status?.spelling ?? '', status?.word ?? ''].map(plain);
  if (written.includes(plain(wanted))) return true;
  const meant = Status.safeParse(wanted).data ?? readStatus(wanted).status;
  return meant !== 'UNKNOWN' && meant === status?.status;
}

/** A text in which no pipe ends a cell. */
export const escapedPipes = (text: string) => text.replace(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|');
