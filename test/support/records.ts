import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownIdentity } from '../../src/adapters/processes.ts';
import { blankDispatch, DispatchRecord } from '../../src/domain/dispatch.ts';

export type RecordFacts = {
  readonly id?: string;
  readonly phase?: DispatchRecord['phase'];
  readonly worktree?: string;
  readonly gitDir?: string;
  readonly finishedAt?: Date;
  readonly announced?: boolean;
  readonly notify?: readonly string[];
  readonly result?: string;
};

/** The record of a run that has ended, whose supervisor is dead. */
export function aRecord(facts: RecordFacts = {}): DispatchRecord {
  const { id = 'dispatch-20260101-001', phase = 'ended', finishedAt = new Date(), worktree = '/w' } = facts;
  const dead = { ...ownIdentity(), pid: 4_194_300, start_time: '1' };
  return DispatchRecord.parse({
    version: 1,
    phase,
    dispatch: {
      ...blankDispatch,
      dispatch_id: id,
      worktree_path: worktree,
      branch: 'feat/a',
      status: phase === 'ended' ? 'complete' : 'running',
      result: facts.result ?? null,
      started_at: new Date(finishedAt.getTime() - 1000).toISOString(),
      finished_at: phase === 'ended' ? finishedAt.toISOString() : null,
    },
    request: {
      ...{ tools: [], timeout_ms: 1000, grace_ms: 0, linger_ms: 1000, resume: false, allow_empty: false },
      ...{ allow_push: false, commit: false, command: 'claude', args: [], env: {}, unset: [] },
      notify: facts.notify ?? [],
    },
    git_dir: facts.gitDir ?? null,
    watched: [],
    launcher: dead,
    supervisor: dead,
    claude: null,
    marker: { name: 'WT_DISPATCH_MARKER', value: randomUUID() },
    stopping: null,
    session_started: true,
    announced: facts.announced ?? true,
  });
}

/** Writes the run's folder below a control plane, with a stream of so many bytes, and gives its path. */
export function keepRecord(stateDir: string, record: DispatchRecord, size = 100): string {
  const folder = join(stateDir, 'runs', record.dispatch.dispatch_id ?? '');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'run.json'), JSON.stringify(record));
  writeFileSync(join(folder, 'stream.jsonl'), 'x'.repeat(size));
  return folder;
}
