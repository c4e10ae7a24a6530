import { applyEdits, replaceValue, type YamlEdit } from '../yaml-edit.ts';
import { entryOf, nodeAt, textOf, type YamlNode } from '../yaml-tree.ts';
import { findItem, type StatusItem } from './addresses.ts';
import { barriersOpened } from './barriers.ts';
import { type BlockerEdits, blockEdits, unblockEdits } from './blocker-entries.ts';
import { planChange, touched } from './change.ts';
import { checkpointEdits, type NewCheckpoint } from './checkpoint-entries.ts';
import { type Item, itemsOf } from './items.ts';
import type { Status } from './status.ts';
import { styleOf } from './style.ts';

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

/** The name under which an agent's entry keeps its artifact, where it does. */
const artifactEntry = ({ map }: StatusItem) =>
  [entryOf(map, 'artifact'), entryOf(map, 'output')].find((entry) => entry?.value.kind === 'scalar');

function artifactEdits({ text: source, root }: RecordedFile, item: StatusItem, artifact: string) {
  const entry = artifactEntry(item);
  if (entry === undefined || textOf(entry.value, source) === artifact) return [];
  return [replaceValue(source, item.map, entry, artifact, { quoting: styleOf(root).quotes })];
}

/** The artifact that an agent is to make. */
export type PlannedArtifact = {
  /** What the file says; `undefined` where it has a place for it and nothing there yet. */
  readonly path: string | undefined;
  /** What it says has parts in braces that are still to be put in. */
  readonly isTemplate: boolean;
  /** The folder that `paths` of the file has for it, where it says so. */
  readonly folder: string | undefined;
};

/** What the file says of an agent's artifact; `undefined` where it has no place for one. */
export function plannedArtifact(file: RecordedFile, address: string): PlannedArtifact | undefined {
  const { text: source, root } = file;
  const item = findItem(itemsOf(root, source), address, file.path);
  const entry = artifactEntry(item);
  if (entry === undefined) return undefined;
  const path = textOf(entry.value, source)?.trim();
  return {
    path: path === '' ? undefined : path,
    isTemplate: path !== undefined && /[{}]/.test(path),
    folder: folderOf(item, root, source),
  };
}

/**
 * The one of some changed files that an agent was to make: where the file names it up to a few parts, what fits; else
 * the only one in its folder, or the only one at all. `undefined` where that is not beyond doubt.
 */
export function artifactAmong(
  { path, isTemplate, folder }: PlannedArtifact,
  changed: readonly string[],
  above: string,
): string | undefined {
  const only = (paths: readonly string[]) => (paths.length === 1 ? paths[0] : undefined);
  const isIn = (front: string) => (each: string) => each.startsWith(front) || each.startsWith(above + front);
  if (path !== undefined && isTemplate) {
    const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const fits = new RegExp(
      `^(?:${plain(above)})?${path
        .split(/\{[^{}]*\}/)
        .map(plain)
        .join('[^/]+')}$`,
    );
    return only(changed.filter((each) => fits.test(each)));
  }
  const inFolder = folder === undefined ? [] : changed.filter(isIn(folder));
  return only(inFolder.length > 0 ? inFolder : changed);
}

/** The folder of `paths.pipeline`, with what stands for this agent put in; `undefined` where something is not known. */
function folderOf(item: Item, root: YamlNode | undefined, source: string): string | undefined {
  const paths = nodeAt(root, 'paths');
  const around: Item[] = [];
  for (let at: Item | undefined = item; at !== undefined; at = at.parent) around.push(at);
  const of = (kind: Item['kind']) => around.find((each) => each.kind === kind);
  const text = (of: Item | undefined, ...names: readonly string[]) =>
    of === undefined
      ? undefined
      : names.map((name) => textOf(nodeAt(of.map, name), source)).find((each) => each !== undefined);
  const known: Readonly<Record<string, string | undefined>> = {
    base: textOf(nodeAt(paths, 'base'), source),
    'workflow.id': textOf(nodeAt(nodeAt(root, 'workflow'), 'id'), source),
    pipeline_alias: text(of('pipeline'), 'short_alias', 'id'),
    phase_id: text(of('phase'), 'path_id', 'id'),
    agent_id: item.id,
  };
  let folder = textOf(nodeAt(paths, 'pipeline'), source);
  for (let depth = 0; depth < 3; depth += 1)
    folder = folder?.replace(/\{([\w.]+)\}/g, (whole, name: string) => known[name] ?? whole);
  return folder === undefined || /[{}]/.test(folder) || !folder.endsWith('/') ? undefined : folder;
}

/** Throws for what is no agent: quality gates, barriers and what holds agents belong to others. */
export const isBindable = ({ kind }: Item): boolean =>
  kind !== 'gate' && kind !== 'barrier' && kind !== 'workflow' && kind !== 'pipeline' && kind !== 'group';

/** The agent that an address means, for a worktree that is to be bound to it. */
export function agentAt(file: RecordedFile, address: string): StatusItem {
  const items = itemsOf(file.root, file.text);
  return findItem(items, address, file.path);
}
