import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mayHold } from '../../src/adapters/state-files/indexes.ts';
import { isAsWritten, noteWritten } from '../../src/adapters/state-files/written.ts';
import { makeRepo, temporaryFolder } from '../support/repo.ts';

const names = ['ORCHESTRATION.yaml', 'state/flow.yaml'];

describe('whether an index may hold a file', () => {
  it('is seen without git, and never denied where it does', () => {
    const repo = makeRepo();
    const gitDir = join(repo.path, '.git');
    const holds = () => mayHold([gitDir], names);
    expect([holds(), mayHold([join(repo.root, 'nowhere')], names)]).toEqual([false, false]);
    repo.commit('others', { 'ORCHESTRATION_PLAN.md': 'x', 'deep/ORCHESTRATION.txt': 'x', symlink: 'x' });
    expect(holds()).toBe(false);
    for (const version of ['4', '2']) {
      repo.commit('file', { 'deep/er/ORCHESTRATION.yaml': version });
      repo.git('update-index', '--index-version', version);
      expect([version, holds()]).toEqual([version, true]);
    }
    repo.git('rm', '-q', '-r', 'deep/er');
    expect(holds()).toBe(false);
    repo.commit('configured', { 'state/flow.yaml': 'x' });
    expect(holds()).toBe(true);
    repo.git('rm', '-q', '-r', 'state');
    repo.git('update-index', '--split-index');
    expect(holds()).toBe(true);
  });
});

describe('what wt wrote itself', () => {
  it('is told from what anybody wrote since', () => {
    const state = temporaryFolder();
    const place = join(state, 'files');
    mkdirSync(place);
    const path = join(place, 'o.yaml');
    const isOurs = (text: string) => {
      writeFileSync(path, text);
      return isAsWritten(state, path);
    };
    expect(isOurs('a')).toBe(false);
    noteWritten(state, path, 'b');
    noteWritten(state, join(place, 'other.yaml'), 'x');
    // Between the note and the file it is still the one before.
    noteWritten(state, path, 'c');
    expect([isOurs('c'), isOurs('b'), isOurs('a'), isOurs('x')]).toEqual([true, true, false, false]);
    writeFileSync(join(state, 'cache/state-files.json'), 'damaged');
    expect(isOurs('c')).toBe(false);
    expect(isAsWritten(state, join(place, 'gone'))).toBe(false);
  });
});
