import {
  type Checkpoint,
  type CheckpointKind,
  checkpointKinds,
  checkpointName,
  leftOutWhys,
} from './checkpoint.ts';

const told: Readonly<Record<CheckpointKind, string>> = {
  start: 'The worktree as the dispatch found it.',
  run: 'The worktree while claude was at work in it.',
  end: 'The worktree as the dispatch left it.',
  restore: 'The worktree just before wt restore changed it.',
};

/** The message of a checkpoint's commit: ASCII only, so that no setting for encodings matters. */
export function checkpointMessage(
  checkpoint: Pick<Checkpoint, 'dispatchId' | 'number' | 'kind' | 'takenAt' | 'leftOut'>,
): string {
  const { kind, takenAt, leftOut } = checkpoint;
  return [
    `Checkpoint ${checkpointName(checkpoint)}`,
    '',
    told[kind],
    '',
    `Wt-Checkpoint: ${kind}`,
    `Wt-Taken: ${takenAt.toISOString()}`,
    ...leftOut.map(({ raw, why }) => `Wt-Left-Out: ${why} ${ascii(raw)}`),
    '',
  ].join('\n');
}

const ascii = (text: string): string =>
  JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What such a message says; `undefined` for a commit that wt did not make. `decode` makes a raw path readable. */
export function readCheckpointMessage(
  message: string,
  decode: (raw: string) => string,
): Pick<Checkpoint, 'kind' | 'takenAt' | 'leftOut'> | undefined {
  const kind = checkpointKinds.find((each) => message.includes(`\nWt-Checkpoint: ${each}\n`));
  const takenAt = new Date(/^Wt-Taken: (.+)$/m.exec(message)?.[1] ?? '');
  if (kind === undefined || Number.isNaN(takenAt.getTime())) return undefined;
  const leftOut = [...message.matchAll(/^Wt-Left-Out: (\S+) (".*")$/gm)].flatMap(([, why, json = '']) => {
    const known = leftOutWhys.find((each) => each === why);
    if (known === undefined) return [];
    const raw = JSON.parse(json) as string;
    return [{ path: decode(raw), raw, why: known }];
  });
  return { kind, takenAt, leftOut };
}
