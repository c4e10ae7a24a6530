import { describe, expect, it } from 'vitest';
import { failures } from '../../src/domain/failure.ts';

describe('a failure', () => {
  it('names files so that a terminal shows what they hold and does not obey it', () => {
    const paths = ['a\u001b[31m', 'b\nc', 'd'];
    const failure = failures.dirtyTarget('main', '/w', paths);
    expect(failure.message).toBe('moving main on would overwrite in /w: a\\u{1b}[31m, b\\nc, d');
    expect(failure.details.paths).toEqual(paths);
  });
});
