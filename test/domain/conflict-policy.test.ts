import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConflictKind } from '../../src/domain/conflict.ts';
import { conflictPolicy, defaultUnion } from '../../src/domain/conflict-policy.ts';

const rule = (path: string, union: readonly string[] = defaultUnion, auto = true) =>
  conflictPolicy({ union, auto })({ path, kind: 'content' });

describe('the policy of conflicts', () => {
  it.each([
    ['uv.lock', 'uv lock'],
    ['package-lock.json', 'npm install --package-lock-only'],
    ['web app/package-lock.json', "(cd 'web app' && npm install --package-lock-only)"],
    ['go.sum', 'go mod tidy'],
    ['crates/x/Cargo.lock', '(cd crates/x && cargo update --workspace)'],
    ['pnpm-lock.yaml', 'pnpm install --lockfile-only'],
    ['poetry.lock', 'poetry lock'],
    ['Gemfile.lock', 'bundle lock'],
    ['composer.lock', 'composer update --lock'],
    ['yarn.lock', 'yarn install'],
  ])('names what makes %s anew', (path, remedy) => {
    expect(rule(path)).toMatchObject({ kind: 'escalate', remedy });
  });

  it.each([
    '.context/rules/git.md',
    'sub/.context/rules/a/b.log',
    'ORCHESTRATION.yaml',
    'projects/PROJ-001/ORCHESTRATION.yaml',
    'src/main.py',
    'src/app.test.ts',
    'Makefile',
    'uv.lock',
  ])('leaves %s to a person, whatever a glob says', (path) => {
    expect(rule(path, ['**'])).toMatchObject({ kind: 'escalate', why: expect.any(String) });
  });

  it('puts the lines of append-only logs together', () => {
    for (const path of ['events.jsonl', '.jit/events.jsonl', 'a/run.events.jsonl', 'logs/agent.log'])
      expect(rule(path), path).toEqual({ kind: 'union' });
    for (const path of [
      'data.jsonl',
      'README.md',
      'docs/projects/README.md',
      'log',
      'constructor',
      '__proto__',
    ])
      expect(rule(path), path).toEqual({ kind: 'escalate' });
  });

  it('merges trackers and the register of projects by rows, and what the user names, whatever union says', () => {
    for (const path of ['WORKTRACKER.md', 'projects/PROJ-001-x/WORKTRACKER.md', 'projects/README.md']) {
      expect(rule(path), path).toEqual({ kind: 'rows' });
      expect(rule(path, ['**']), path).toEqual({ kind: 'rows' });
      expect(rule(path, [], false), path).toMatchObject({ kind: 'escalate', why: expect.any(String) });
    }
    const own = conflictPolicy({ union: [], rows: ['docs/*.md', 'src/**'], auto: true });
    expect(own({ path: 'docs/a.md', kind: 'content' })).toEqual({ kind: 'rows' });
    expect(own({ path: 'WORKTRACKER.md', kind: 'content' })).toEqual({ kind: 'escalate' });
    expect(own({ path: 'src/a.ts', kind: 'content' }).kind).toBe('escalate');
    expect(own({ path: 'docs/a.md', kind: 'modify_delete' })).toMatchObject({ kind: 'escalate' });
  });

  it('puts the lines of what the user names together, in place of the defaults', () => {
    expect(rule('docs/CHANGELOG.md', ['docs/*.md'])).toEqual({ kind: 'union' });
    expect(rule('events.jsonl', ['docs/*.md'])).toEqual({ kind: 'escalate' });
  });

  it('leaves everything to a person where it is switched off', () => {
    expect(rule('events.jsonl', defaultUnion, false)).toMatchObject({
      kind: 'escalate',
      why: expect.stringContaining('off'),
    });
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...ConflictKind.options), (path, kind) => {
        expect(conflictPolicy({ union: ['**'], auto: false })({ path, kind }).kind).toBe('escalate');
      }),
    );
  });

  it('resolves only conflicts between lines', () => {
    const policy = conflictPolicy({ union: ['**'], auto: true });
    const resolved = ConflictKind.options.filter((kind) => policy({ path: 'a.txt', kind }).kind === 'union');
    expect(resolved).toEqual(['content', 'add_add']);
  });
});
