import { describe, expect, it } from 'vitest';
import { type Squash, type SquashedCommit, squashAuthor, squashMessage } from '../../src/domain/squash.ts';

const ada = { name: 'Ada', email: 'ada@example.com', date: '1771582800 +0100' };
const bob = { name: 'Bob', email: 'Bob@example.com', date: '1771582900 +0100' };
const by = (author: typeof ada, subject: string, body = ''): SquashedCommit => ({ subject, body, author });
const message = (commits: readonly SquashedCommit[], more: Partial<Squash> = {}) =>
  squashMessage({
    commits,
    branch: undefined,
    projectId: undefined,
    dispatchId: undefined,
    given: undefined,
    ...more,
  });
const title = (commits: readonly SquashedCommit[], more: Partial<Squash> = {}) =>
  message(commits, more).split('\n')[0];

describe('the message of a squash', () => {
  it('is what was given, with who else wrote it and the dispatch', () => {
    const commits = [by(ada, 'feat: one'), by(bob, 'two', 'Signed-off-by: Bob <bob@example.com>')];
    expect(message(commits, { given: 'fix: mine\n', dispatchId: 'dispatch-20260220-001' })).toBe(
      'fix: mine\n\nCo-authored-by: Bob <Bob@example.com>\nWt-Dispatch: dispatch-20260220-001\n',
    );
  });

  it('is the whole message of a single commit', () => {
    const body = 'Why it is.\n\nReviewed-by: Eve <eve@example.com>\n';
    expect(message([by(ada, 'anything', body)])).toBe(`anything\n\n${body}`);
    expect(message([by(ada, 'anything')], { dispatchId: 'd' })).toBe('anything\n\nWt-Dispatch: d\n');
  });

  it('is titled by the first conventional subject, and lists them all', () => {
    const commits = [by(ada, 'wip'), by(ada, 'feat(ui)!: a button'), by(ada, 'fix: its colour')];
    expect(message(commits, { branch: 'docs/x' })).toBe(
      'feat(ui)!: a button\n\n- wip\n- feat(ui)!: a button\n- fix: its colour\n',
    );
  });

  it.each([
    ['feat/proj-006-multi-instance', 'PROJ-006-multi-instance', 'feat(proj-006): multi instance'],
    ['fix/login', 'PROJ-006-multi-instance', 'fix(proj-006): login'],
    ['fix/slow_login-page', undefined, 'fix: slow login page'],
    ['feat/proj-006-multi-instance', undefined, 'feat: proj 006 multi instance'],
    ['try/this', undefined, 'wip'],
    ['login', undefined, 'wip'],
    [undefined, undefined, 'wip'],
  ])('is titled by the branch %s of %s else', (branch, projectId, expected) => {
    expect(title([by(ada, 'wip'), by(ada, 'Note: more')], { branch, projectId })).toBe(expected);
  });

  it('keeps who signed off and who wrote along, once each', () => {
    const signed = 'Signed-off-by: Ada <ada@example.com>';
    const commits = [
      by(ada, 'one', `because\n\n${signed}\nCo-authored-by: B. <bob@example.com>\nChange-Id: 7`),
      by(bob, 'two', `Co-authored-by: Ada <ADA@example.com>\n${signed}`),
      by(ada, 'three', signed),
    ];
    expect(message(commits, { dispatchId: 'd' })).toBe(
      `one\n\n- one\n- two\n- three\n\n${signed}\nCo-authored-by: B. <bob@example.com>\nWt-Dispatch: d\n`,
    );
  });
});

describe('the author of a squash', () => {
  it('is who made most of its commits, with the time of their first', () => {
    const later = { ...ada, date: '1771599999 +0100' };
    expect(squashAuthor([])).toBeUndefined();
    expect(squashAuthor([by(ada, 'a'), by(later, 'b')])).toEqual(ada);
    expect(squashAuthor([by(ada, 'a'), by(bob, 'b')])).toEqual(ada);
    expect(squashAuthor([by(ada, 'a'), by(bob, 'b'), by({ ...bob, email: 'bob@EXAMPLE.com' }, 'c')])).toEqual(
      bob,
    );
  });
});
