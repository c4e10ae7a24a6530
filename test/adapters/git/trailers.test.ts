import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withTrailer } from '../../../src/domain/trailers.ts';

const id = 'dispatch-20260220-001';

describe('a trailer', () => {
  it('is where git interpret-trailers puts it', { timeout: 60_000 }, () => {
    const word = fc.constantFrom('fix', 'Note', 'see', 'that', 'Reviewed-by', 'a-b', '(cherry', 'x:y', '12');
    const line = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' ')),
      fc.constantFrom(
        'Signed-off-by: Ada <ada@example.com>',
        'Co-authored-by: Bob <bob@example.com>',
        '(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)',
        'Key: value',
        'two words: value',
        ' goes on',
        `Wt-Dispatch: ${id}`,
        'Signed-off-by:Bob',
      ),
    );
    const paragraph = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n'));
    const message = fc
      .tuple(word, fc.array(paragraph, { maxLength: 3 }), fc.constantFrom('', '\n', '\n\n'))
      .map(([subject, paragraphs, end]) => [subject, ...paragraphs].join('\n\n') + end);
    fc.assert(
      fc.property(message, (text) => {
        const args = ['interpret-trailers', '--no-divider', '--trailer', `Wt-Dispatch: ${id}`];
        const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
        const git = execFileSync('git', args, {
          cwd: '/',
          env,
          input: `${text.trimEnd()}\n`,
          encoding: 'utf8',
        });
        // git writes the trailers that are there anew, in its own spacing.
        const plain = (it: string) =>
          it.replace(/\s+$/, '').replace(/^([\w-]+)[ \t]*:[ \t]*(?=\S)/gm, '$1: ');
        expect(plain(withTrailer(text, 'Wt-Dispatch', id))).toBe(plain(git));
      }),
      { numRuns: 100 },
    );
  });
});
