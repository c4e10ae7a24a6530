import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withBlock, withoutBlock } from '../../src/domain/marked-block.ts';
import { driverAttributes, driverCommand, driverSettings } from '../../src/domain/rows/driver.ts';

const block = { title: 'wt x', lines: ['one', 'two'] };
const text = fc.option(
  fc
    .array(fc.constantFrom('a', '', '\n', '\r\n', '# >>> wt x >>>', '# <<< wt y <<<'), { maxLength: 8 })
    .map((parts) => parts.join('')),
  { nil: undefined },
);

describe('a block of lines in a file', () => {
  it('is taken out to the last byte, whatever the file was', () => {
    fc.assert(
      fc.property(text, (before) => {
        const made = withBlock(before, block);
        expect(made).toContain('one\ntwo\n');
        expect(withBlock(made, block)).toBe(made);
        const changed = withBlock(made, { ...block, lines: ['three'] });
        expect(changed).not.toContain('\none\ntwo\n# <<< wt x');
        expect(withoutBlock(changed, block.title)).toBe(before);
        expect(withoutBlock(before, block.title)).toBe(before);
      }),
    );
  });

  it('leaves what others put after it, on a line of its own', () => {
    expect(withoutBlock(`${withBlock('a', block)}b\n`, block.title)).toBe('a\nb\n');
    expect(withoutBlock(`${withBlock(undefined, block)}b\n`, block.title)).toBe('b\n');
  });
});

describe('the merge driver', () => {
  it("is quoted for the shell, for git's placeholders and for git's config", () => {
    const command = driverCommand(['/usr/bin/node', '--flag', "/it's 100%/wt.js"]);
    const entry = "'/it'\\''s 100%%/wt.js'";
    expect(command).toBe(
      `if test -x /usr/bin/node && test -e ${entry}; then /usr/bin/node --flag ${entry} merge-driver %O %A %B %P %L; ` +
        'else git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B; fi',
    );
    expect(driverSettings('a "b" \\').lines).toContain('\tdriver = "a \\"b\\" \\\\"');
  });

  it('is for the files of globs, as attributes name them', () => {
    const globs = ['**/WORKTRACKER.md', 'projects/README.md', 'TODO.md', 'a b/*.md', '#x'];
    expect(driverAttributes(globs).lines).toEqual([
      'WORKTRACKER.md merge=wt-rows',
      'projects/README.md merge=wt-rows',
      '/TODO.md merge=wt-rows',
      '"a b/*.md" merge=wt-rows',
      '/#x merge=wt-rows',
    ]);
  });
});
