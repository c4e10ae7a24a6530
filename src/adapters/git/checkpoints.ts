import {
  type Checkpoint,
  type CheckpointKind,
  checkpointRef,
  checkpointRefs,
  readCheckpointName,
  startNumber,
} from '../../domain/checkpoint.ts';
import { nextNumber, superfluous } from '../../domain/checkpoint-keeping.ts';
import { checkpointMessage, readCheckpointMessage } from '../../domain/checkpoint-message.ts';
import { isSha } from '../../domain/object-id.ts';
import { type Ask, nothing, readablePath } from './ask.ts';
import { commitTree } from './commit.ts';
import { type WorkQuestion, withoutSideEffects } from './work-questions.ts';
import type { WorkState } from './work-state.ts';

// A dispatch's checkpoints go with its run folder: retire.ts (supervisor) drops their refs.
const fields = ['%(refname)', '%(objectname)', '%(tree)', '%(parent)', '%(contents)'];

/** The checkpoints of a dispatch, or of all, by dispatch and number; one process. Other refs there are passed over. */
export const listCheckpoints = (
  ask: Ask,
  dispatchId?: string,
  within: WorkQuestion = {},
): Promise<Checkpoint[]> =>
  ask({
    ...within,
    args: [
      'for-each-ref',
      `--format=${fields.map((field) => `${field}%00`).join('')}`,
      checkpointRefs(dispatchId),
    ],
    parse: ({ stdout }) => parseCheckpoints(stdout.toString('utf8')),
  });

/** The parser of that format: five fields a ref, each with a NUL behind it, and a line break between the refs. */
export function parseCheckpoints(text: string): Checkpoint[] {
  const words = text.split('\0').slice(0, -1);
  const found: Checkpoint[] = [];
  for (let at = 0; at + fields.length <= words.length; at += fields.length) {
    const [ref = '', commit = '', tree = '', parent = '', message = ''] = words.slice(at);
    const name = readCheckpointName(ref.replace(/^\n/, ''));
    const said = readCheckpointMessage(message, readablePath);
    if (name === undefined || said === undefined || !isSha(commit) || !isSha(tree)) continue;
    found.push({ ...name, ...said, commit, tree, head: isSha(parent) ? parent : undefined });
  }
  return found.sort((a, b) =>
    a.dispatchId === b.dispatchId ? a.number - b.number : a.dispatchId < b.dispatchId ? -1 : 1,
  );
}

export type NewCheckpoint = {
  readonly dispatchId: string;
  readonly kind: CheckpointKind;
  readonly state: WorkState;
  readonly takenAt: Date;
  /** The checkpoints that the dispatch has. */
  readonly existing: readonly Checkpoint[];
  /** Numbers that must not be thinned out. */
  readonly kept?: ReadonlySet<number>;
};

/**
 * Writes a state as the next checkpoint of its dispatch, and drops what has become too many, in one transaction:
 * gives all that there are now, the new one last. Needs no identity; hooks and signing are left out.
 */
export async function storeCheckpoint(
  ask: Ask,
  { dispatchId, kind, state, takenAt, existing, kept }: NewCheckpoint,
  within: WorkQuestion & { readonly cwd: string },
): Promise<readonly Checkpoint[]> {
  const numbers = existing.map((each) => each.number);
  const number = kind === 'start' && numbers.length === 0 ? startNumber : nextNumber(numbers);
  const { head, tree, leftOut } = state;
  const facts = { dispatchId, number, kind, takenAt, leftOut };
  const commit = await commitTree(
    ask,
    {
      tree,
      parents: head === undefined ? [] : [head],
      message: checkpointMessage(facts),
      checkout: undefined,
    },
    { ...within, env: within.env ?? {}, anonymous: true },
  );
  const all = [...existing, { ...facts, tree, head, commit }];
  const dropped = new Set(superfluous([...numbers, number], { kept: kept ?? new Set() }));
  const gone = all.filter((each) => dropped.has(each.number));
  await updateRefs(
    ask,
    [
      `create ${checkpointRef(facts)}\0${commit}\0`,
      ...gone.map((each) => `delete ${checkpointRef(each)}\0${each.commit}\0`),
    ],
    within,
  );
  return all.filter((each) => !dropped.has(each.number));
}

const updateRefs = (ask: Ask, commands: readonly string[], within: WorkQuestion) =>
  ask({
    ...within,
    args: [...withoutSideEffects, 'update-ref', '--no-deref', '--stdin', '-z'],
    access: 'write',
    input: commands.join(''),
    parse: nothing,
  });
