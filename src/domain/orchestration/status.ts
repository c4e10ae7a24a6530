/** The statuses that wt tells apart, whatever a file calls them. */
export const canonicalStatuses = [
  'PENDING',
  'READY',
  'IN_PROGRESS',
  'COMPLETE',
  'FAILED',
  'BLOCKED',
  'SKIPPED',
  'CANCELLED',
  'UNKNOWN',
] as const;
export type Status = (typeof canonicalStatuses)[number];

export const isCanonical = (text: string): text is Status =>
  (canonicalStatuses as readonly string[]).includes(text) && text !== 'UNKNOWN';

const words: Readonly<Record<Exclude<Status, 'UNKNOWN'>, string>> = {
  PENDING:
    'pending not_started notstarted unstarted todo to_do planned planning queued waiting open draft backlog new scheduled initialized initialised created assigned proposed not_run',
  READY: 'ready runnable unblocked ready_to_start',
  IN_PROGRESS:
    'in_progress inprogress active running started executing working wip ongoing dispatched in_review review reviewing under_review in_revision revise revision iterating partial partially_complete in_flight',
  COMPLETE:
    'complete completed done finished pass passed success successful succeeded closed resolved approved accepted merged verified validated delivered published implemented all_gates_pass gate_passed ok',
  FAILED: 'failed fail failure error errored rejected gate_failed',
  BLOCKED:
    'blocked paused on_hold hold stalled suspended escalated needs_review needs_input awaiting awaiting_approval awaiting_review awaiting_user pending_approval pending_review pending_user',
  SKIPPED: 'skipped skip na n_a not_applicable verified_na waived deferred optional_skipped',
  CANCELLED: 'cancelled canceled abandoned aborted withdrawn superseded obsolete dropped deprecated wont_do',
};

const meanings: ReadonlyMap<string, Status> = new Map(
  Object.entries(words).flatMap(([status, list]) => list.split(' ').map((word) => [word, status as Status])),
);

/** Qualifiers that leave the meaning as it is: `PHASE_1_PENDING`, `COMPLETE (with caveats)`, `PASS_WITH_CONDITIONS`. */
const qualified = [
  /^phase_\w+?_(?=\D)/,
  /_(?:with|after|on|at|in|by|for|pending|per|via)_.*$/,
  /^(?:conditional|partial|user|auto)_/,
];

/** What a file's own spelling means: upper or lower case, separators, emoji and remarks in brackets do not count. */
export function statusOf(raw: string): Status {
  const bare = raw.replace(/\(.*$|\[.*$|\s[-–—:].*$/su, '');
  const word = (bare.trim() === '' ? raw : bare)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}{}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  const known = meanings.get(word);
  if (known !== undefined) return known;
  for (const part of qualified) {
    const shorter = meanings.get(word.replace(part, ''));
    if (shorter !== undefined) return shorter;
  }
  return 'UNKNOWN';
}

/** Whether work of this status needs nothing more before what depends on it may begin. */
export const isDone = (status: Status): boolean => status === 'COMPLETE' || status === 'SKIPPED';

/** Whether it has not begun. */
export const isWaiting = (status: Status): boolean =>
  status === 'PENDING' || status === 'READY' || status === 'BLOCKED';

/** Words that only one kind of item uses: an agent is not ACTIVE because the workflow is. */
const peculiar =
  /^(?:active|paused|pass|passed|fail|escalated|approved|accepted|rejected|merged|phase_\w+|all_gates_pass)$/i;

/** A status as a file writes it, and the kind of thing that has it. */
export type Spelled = { readonly raw: string; readonly kind: string };

/**
 * A canonical name in the words of a file: its most frequent spelling there, and where it has none the case that
 * the file uses. A word that belongs to another kind of thing does not count.
 */
export function spell(status: Status, kind: string, found: readonly Spelled[]): string {
  const counts = new Map<string, number>();
  for (const { raw, kind: of } of found) {
    if (statusOf(raw) !== status || /\d|[\r\n{]/.test(raw) || raw.trim() !== raw) continue;
    if (peculiar.test(raw) && of !== kind) continue;
    counts.set(raw, (counts.get(raw) ?? 0) + 1);
  }
  let best: string | undefined;
  for (const [raw, count] of counts) {
    const most = best === undefined ? 0 : (counts.get(best) ?? 0);
    if (count > most || (count === most && raw.toUpperCase() === status && best?.toUpperCase() !== status))
      best = raw;
  }
  return best ?? inCaseOf(status, found);
}

function inCaseOf(status: Status, found: readonly Spelled[]): string {
  const letters = found.map(({ raw }) => raw).filter((raw) => /\p{L}/u.test(raw) && !/[{}]/.test(raw));
  const lower = letters.filter((raw) => raw === raw.toLowerCase()).length;
  const upper = letters.filter((raw) => raw === raw.toUpperCase()).length;
  const other = letters.length - lower - upper;
  if (lower > upper && lower >= other) return status.toLowerCase();
  if (other > upper) return `${status.slice(0, 1)}${status.slice(1).toLowerCase()}`;
  return status;
}
