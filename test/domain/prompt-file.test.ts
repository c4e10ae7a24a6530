import { describe, expect, it } from 'vitest';
import { isPerWorktree, promptFileFor } from '../../src/domain/prompt-file.ts';

const project = {
  name: 'PROJ-006-multi-instance',
  projectId: 'PROJ-006-multi-instance',
  branch: 'feat/proj-006-multi-instance',
};
const plain = { name: 'fix-login', projectId: undefined, branch: 'topic/fix-login' };
const detached = { name: '/somewhere', projectId: undefined, branch: undefined };

describe('the prompt file of a worktree', () => {
  it.each([
    ['prompts/{project_id}.md', project, 'prompts/PROJ-006-multi-instance.md'],
    ['{project_id_lower}/{number}.md', project, 'proj-006-multi-instance/6.md'],
    ['{branch}.md', plain, 'topic/fix-login.md'],
    ['/abs/{branch_name}-{branch_name}', plain, '/abs/fix-login-fix-login'],
    ['task.md', detached, 'task.md'],
  ])('%s is found by its names', (file, subject, expected) => {
    expect(promptFileFor(file, subject)).toBe(expected);
  });

  it('takes no name for a pattern of its own', () => {
    const odd = { ...plain, branch: "a$&b$'{number}" };
    expect(promptFileFor('{branch}', odd)).toBe("a$&b$'{number}");
  });

  it.each([
    ['{project_id}', plain, 'fix-login has no project'],
    ['{number}', plain, 'fix-login has no project'],
    ['{branch_name}', detached, '/somewhere has no branch'],
    ['{projectid}', project, '{projectid} in {projectid} is no placeholder'],
    ['{}', project, '{} in {} is no placeholder'],
    ['{toString}', project, '{toString} in {toString} is no placeholder'],
    ['a{branch', plain, '{ in a{branch is no placeholder'],
    ['a}b', plain, '} in a}b is no placeholder'],
  ])('%s is refused where it means nothing', (file, subject, message) => {
    expect(() => promptFileFor(file, subject)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    );
  });

  it('is one for all without braces', () => {
    expect(['task.md', '{branch}', 'a}'].map(isPerWorktree)).toEqual([false, true, true]);
  });
});
