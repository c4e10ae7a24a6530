import { dispatchIdPattern } from './dispatch.ts';
import type { Sha } from './sha.ts';

/** Which state of which dispatch: `dispatch-20260220-001/3`. */
export type CheckpointName = { readonly dispatchId: string; readonly number: number };

/**
 * When a state was saved: `start` as the dispatch found its worktree (number 0, only where something was uncommitted),
 * `run` while claude was at work, `end` what it left, `restore` just before `wt restore` changed it.
 */
export const checkpointKinds = ['start', 'run', 'end', 'restore'] as const;
export type CheckpointKind = (typeof checkpointKinds)[number];

/** What a checkpoint does not hold; a folder ends with `/`. */
export type LeftOut = {
  /** For people; bytes that are not UTF-8 as `\xNN`. */
  readonly path: string;
  /** One character per byte. */
  readonly raw: string;
  readonly why: LeftOutWhy;
};
export const leftOutWhys = ['too-large', 'unreadable', 'repository'] as const;
export type LeftOutWhy = (typeof leftOutWhys)[number];

/**
 * The state of a worktree as a commit: its tree is everything there was, uncommitted and untracked too, and its
 * parent is what HEAD was, which so stays reachable also when it is reset away.
 */
export type Checkpoint = CheckpointName & {
  readonly commit: Sha;
  readonly tree: Sha;
  /** `undefined` on a branch without commits. */
  readonly head: Sha | undefined;
  readonly kind: CheckpointKind;
  readonly takenAt: Date;
  readonly leftOut: readonly LeftOut[];
};

/** The first number is of the state that the dispatch began with. */
export const startNumber = 0;

const prefix = 'refs/wt/checkpoints/';

/** The refs of all checkpoints, or of one dispatch's, as a prefix. */
export const checkpointRefs = (dispatchId?: string): string =>
  dispatchId === undefined ? prefix : `${prefix}${dispatchId}/`;

export const checkpointName = ({ dispatchId, number }: CheckpointName): string => `${dispatchId}/${number}`;

export const checkpointRef = (name: CheckpointName): string => `${prefix}${checkpointName(name)}`;

/** The checkpoint that a text names: `<dispatch id>/<number>`, also as a whole ref. */
export function readCheckpointName(text: string): CheckpointName | undefined {
  const name = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const [, dispatchId = '', digits = ''] = /^([^/]+)\/(0|[1-9]\d{0,8})$/.exec(name) ?? [];
  return dispatchIdPattern.test(dispatchId) ? { dispatchId, number: Number(digits) } : undefined;
}

/** Whether a raw path is something that a checkpoint does not hold. */
export const isLeftOut = (raw: string, leftOut: readonly LeftOut[]): boolean =>
  leftOut.some((each) => raw === each.raw || (each.raw.endsWith('/') && raw.startsWith(each.raw)));

const reasons: Readonly<Record<LeftOutWhy, string>> = {
  'too-large': 'too large',
  unreadable: 'unreadable',
  repository: 'a repository of its own',
};

/** `big.bin (too large)`. */
export const leftOutText = ({ path, why }: LeftOut): string => `${path} (${reasons[why]})`;
