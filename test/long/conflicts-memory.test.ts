import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { book, look, merges, short, three } from '../support/conflict-looks.ts';
import { importCommits } from '../support/imports.ts';
import { mergeScene } from '../support/merges.ts';

describe('what is remembered of conflicts', () => {
  it('holds under the settings and attributes of then only', async () => {
    const made = three();
    const found = short(await look(made));
    made.repo.git('config', 'branch.a.description', 'says nothing about merging');
    await look(made);
    expect(merges(made)).toBe(0);
    mkdirSync(join(made.repo.path, '.git', 'info'), { recursive: true });
    writeFileSync(join(made.repo.path, '.git', 'info', 'attributes'), 'f merge=union\n');
    expect(short(await look(made))).toEqual(found.slice(1));
    rmSync(join(made.repo.path, '.git', 'info', 'attributes'));
    expect(short(await look(made))).toEqual(found);
    made.repo.git('config', 'merge.renames', 'false');
    await look(made);
    expect(merges(made)).toBe(1);
    // Attributes that are not committed to the base govern nothing.
    writeFileSync(join(made.repo.path, '.gitattributes'), 'f merge=union\n');
    expect(short(await look(made, { headsOnly: true }))).toEqual(found);
    made.commit({ '.gitattributes': 'f merge=union\n' });
    expect(short(await look(made, { headsOnly: true }))).toEqual(found.slice(1));
  });

  it('is nothing where a program of the user decides', async () => {
    const made = three();
    made.repo.git('config', 'merge.mine.driver', 'test ! -e /nowhere/%O && exit 1');
    made.commit({ '.gitattributes': 'f merge=mine\n' });
    const found = short(await look(made));
    made.repo.git('config', 'merge.mine.driver', 'true');
    expect(short(await look(made))).not.toEqual(found);
    await look(made);
    expect(merges(made)).toBe(1);
  });

  it('is nothing where a submodule decides', async () => {
    const made = mergeScene();
    const link = (digit: string) => ({ s: { mode: '160000', text: digit.repeat(40) } });
    importCommits(made.repo, [
      { name: 'first', tree: link('1'), parents: [] },
      { name: 'two', tree: link('2'), parents: ['first'] },
      { name: 'three', tree: link('3'), parents: ['first'] },
    ]);
    for (const name of ['two', 'three'])
      made.repo.git('worktree', 'add', '-q', join(made.repo.root, name), name);
    const once = await look(made, { headsOnly: true });
    expect(short(once).filter(([, b]) => b === 'two')).toEqual([['three', 'two', 's submodule']]);
    await look(made, { headsOnly: true });
    expect(merges(made)).toBe(1);
  });

  it('does not matter when it is damaged, of another version, or cannot be written', async () => {
    const made = three();
    const found = short(await look(made));
    const text = readFileSync(book(made), 'utf8');
    for (const damaged of ['', 'x', text.slice(0, -9), text.replace('f', 'g'), `3 0\n[9]`, 'null\n\0']) {
      writeFileSync(book(made), damaged);
      expect(short(await look(made))).toEqual(found);
      expect(readFileSync(book(made), 'utf8')).toBe(text);
    }
    rmSync(join(made.repo.path, '.git', 'wt'), { recursive: true });
    writeFileSync(join(made.repo.path, '.git', 'wt'), 'in the way');
    expect(short(await look(made))).toEqual(found);
  });

  it('survives twenty that look and write at once', async () => {
    const made = three();
    const found = short(await look(made));
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        if (index % 3 === 0) rmSync(book(made), { force: true });
        return short(await look(made, { headsOnly: index % 2 === 0 }));
      }),
    );
    for (const each of answers) expect(each).toEqual(found);
    expect(existsSync(book(made))).toBe(true);
    expect(readdirSync(join(book(made), '..')).filter((name) => name.startsWith('conflicts.json.'))).toEqual(
      [],
    );
  });
});
