import type { Status } from '../status.ts';
import { applyEdits, type YamlEdit } from '../yaml-edit.ts';
import type { YamlNode } from '../yaml-tree.ts';
import { findItem, type StatusItem } from './addresses.ts';
import { artifactEdits } from './artifact.ts';
import { barriersOpened } from './barriers.ts';
import { type BlockerEdits, blockEdits, unblockEdits } from './blocker-entries.ts';
import { planChange, touched } from './change.ts';
import { checkpointEdits, type NewCheckpoint } from './checkpoint-entries.ts';
import { type Item, itemsOf } from './items.ts';

/** What happened to the work of an agent. Paths are relative to the top of the repository. */
export type Happening =
  /** claude runs. */
  | { readonly kind: 'began' }
  /**
   * Its run is over. `wrote` is what wt has written of this run before, and `began` whether that it began was
   * recorded: then any other status is somebody else's word, and stays.
   */
  | {
      readonly kind: 'ended';
      readonly isComplete: boolean;
      readonly began: boolean;
      readonly wrote: readonly Status[];
      /** The artifact that is in its commits. */
      readonly artifact?: string | undefined;
    }
  | {
      readonly kind: 'conflicts';
      readonly branch: string;
      readonly target: string;
      readonly paths: readonly string[];
    }
  | { readonly kind: 'landed'; readonly branch: string; readonly target: string; readonly commit: string };

/** What entering a happening does to a file; without edits it says so already. */
export type PlannedRecording = {
  readonly address: string;
  /** What the agent's status is afterwards. */
  readonly status: Status;
  /** What it should be, where somebody has said otherwise, and that stays. */
  readonly denied: Status | undefined;
  readonly edits: readonly YamlEdit[];
  readonly text: string;
  readonly lines: readonly number[];
  readonly checkpoints: readonly string[];
  readonly barriers: readonly string[];
  /** Parts of it for which the shape of the file has no place that can be edited safely. */
  readonly refused: readonly ('blocker' | 'checkpoint')[];
};

export type RecordedFile = {
  readonly path: string;
  readonly text: string;
  readonly root: YamlNode | undefined;
};

/** What a happening makes of an agent's status. */
export const statusAfter = (happening: Happening): Status => {
  if (happening.kind === 'began') return 'IN_PROGRESS';
  if (happening.kind === 'conflicts') return 'BLOCKED';
  return happening.kind === 'landed' || happening.isComplete ? 'COMPLETE' : 'FAILED';
};

/** Whether wt may write over what a file says of an agent now. */
function mayWrite(now: Status, happening: Happening): boolean {
  switch (happening.kind) {
    case 'began':
      return true; // whatever it was, it is being worked on now
    case 'ended':
      if (now === 'IN_PROGRESS' || happening.wrote.includes(now)) return true;
      return !happening.began && now !== 'COMPLETE' && now !== 'SKIPPED' && now !== 'CANCELLED';
    case 'conflicts':
      return now !== 'SKIPPED' && now !== 'CANCELLED';
    case 'landed': // what has failed is not done because somebody lands what there is of it
      return now !== 'SKIPPED' && now !== 'CANCELLED' && now !== 'FAILED';
  }
}

/** Plans what a happening changes in a file. Throws `address_not_found` and `ambiguous_address`. */
export function planRecording(
  file: RecordedFile,
  address: string,
  happening: Happening,
  options: { readonly now: Date; readonly completeBarriers: boolean },
): PlannedRecording {
  const { text: source, root } = file;
  const { now } = options;
  const items = itemsOf(root, source);
  const item = findItem(items, address, file.path);
  const wanted = statusAfter(happening);
  const isAllowed = item.status === wanted || mayWrite(item.status, happening);
  const status = isAllowed ? wanted : item.status;
  const edits: YamlEdit[] = [];
  const set = (at: string, to: Status) =>
    edits.push(...planChange(file, { address: at, status: to, statusOnly: false }, now).edits);
  if (isAllowed) set(item.address, wanted);
  if (happening.kind === 'ended' && happening.artifact !== undefined && status === 'COMPLETE')
    edits.push(...artifactEdits(file, item, happening.artifact));
  const blockers = blockerEdits(file, items, item, happening, { now, isAllowed });
  edits.push(...blockers.edits);
  const opened = options.completeBarriers && status === 'COMPLETE' ? barriersOpened(items, source, item) : [];
  for (const barrier of opened) set(barrier.address, 'COMPLETE');
  const checkpoints = checkpointEdits(file, newCheckpoints(item, happening, status, opened), now);
  edits.push(...checkpoints.edits);
  if (edits.length > 0) edits.push(...touched(file, item, now));
  const once = [...new Map(edits.map((edit) => [placeOf(edit), edit])).values()].filter(
    ({ range, text }) => source.slice(...range) !== text,
  );
  const { text, lines } = applyEdits(source, once);
  return {
    address: item.address,
    status,
    denied: isAllowed ? undefined : wanted,
    edits: once,
    text,
    lines,
    checkpoints: checkpoints.ids,
    barriers: opened.map((barrier) => barrier.address),
    refused: [
      ...(blockers.isRefused ? ['blocker' as const] : []),
      ...(checkpoints.isRefused ? ['checkpoint' as const] : []),
    ],
  };
}

/** Two changes stamp the same `updated_at`: it is edited once. */
const placeOf = ({ kind, range }: YamlEdit): string => `${kind} ${range.join()}`;

function blockerEdits(
  file: RecordedFile,
  items: readonly Item[],
  item: StatusItem,
  happening: Happening,
  { now, isAllowed }: { readonly now: Date; readonly isAllowed: boolean },
): BlockerEdits {
  if (happening.kind === 'conflicts' && isAllowed)
    return blockEdits(file, item, referenceTo(item, items), happening, now);
  if (happening.kind === 'landed') {
    const { branch, target, commit } = happening;
    return unblockEdits(file, branch, `landed on ${target} (${commit.slice(0, 10)})`, now);
  }
  return { edits: [], isRefused: false };
}

/** What the file itself would call it: its id, where no other has it. */
const referenceTo = (item: StatusItem, items: readonly Item[]): string =>
  item.id !== undefined &&
  items.filter(({ id, status }) => id === item.id && status !== undefined).length === 1
    ? item.id
    : item.address;

function newCheckpoints(
  item: StatusItem,
  happening: Happening,
  status: Status,
  opened: readonly StatusItem[],
): readonly NewCheckpoint[] {
  const landed =
    happening.kind === 'landed' && status === 'COMPLETE'
      ? [
          {
            trigger: 'AGENT_COMPLETE',
            description: `${item.address} landed on ${happening.target}`,
            recoveryPoint: `${happening.target}@${happening.commit.slice(0, 12)}`,
          },
        ]
      : [];
  const barriers = opened.map(({ address }) => ({
    trigger: 'BARRIER_COMPLETE',
    description: `${address}: all that it waited for is complete`,
    recoveryPoint: `${address}-complete`,
  }));
  return [...landed, ...barriers];
}

/** Whether work can be an item's: quality gates, barriers and what holds agents belong to others. */
export const isBindable = ({ kind }: Item): boolean =>
  kind !== 'gate' && kind !== 'barrier' && kind !== 'workflow' && kind !== 'pipeline' && kind !== 'group';

/** The agent that an address means, for a worktree that is to be bound to it. */
export function agentAt(file: RecordedFile, address: string): StatusItem {
  const items = itemsOf(file.root, file.text);
  return findItem(items, address, file.path);
}
