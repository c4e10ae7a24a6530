// Makes test/fixtures/history.bundle: `node test/support/history.mjs <bundle>`. Every run makes the same commits.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openHistory } from './history-git.mjs';

const [, , bundle = 'test/fixtures/history.bundle'] = process.argv;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wt-history-')));
const { git, write, read, commit, edit, append, move, remove, executable, link, submodule, on, merge } =
  openHistory(folder);

const lines = (name, count = 30) => Array.from({ length: count }, (_, at) => `${name} ${at}\n`).join('');
const bytes = (first) =>
  `${first}${String.fromCharCode(...Array.from({ length: 600 }, (_, at) => (at * 7) % 256))}`;
const latin = 'notes/caf\xe9.txt'; // no UTF-8
const unicode = Buffer.from('notes/à faire – план.md').toString('latin1');
const odd = ['notes/with space.txt', unicode, latin, 'notes/two\nlines.txt', 'notes/"quoted"\t.txt'];

write({
  '.gitattributes': '*.log merge=union\n*.bin binary\n*.crlf text eol=crlf\nlegacy.txt -text\n',
  'README.md': lines('readme'),
  'CHANGES.log': lines('change', 5),
  'assets/logo.bin': bytes('a'),
  'bin/run.sh': lines('run'),
  'data/register.md': lines('| row', 10),
  'docs/guide.md': lines('guide'),
  'docs/legacy.txt': lines('legacy').replaceAll('\n', '\r\n'),
  'src/windows.crlf': lines('windows').replaceAll('\n', '\r\n'),
});
for (const name of ['app', 'core', 'format', 'parse', 'util']) write({ [`src/${name}.ts`]: lines(name) });
for (const name of ['a', 'b', 'c', 'd']) write({ [`docs/old/${name}.md`]: lines(`old ${name}`, 12) });
for (let at = 1; at <= 12; at++) write({ [`gen/${String(at).padStart(2, '0')}.txt`]: lines(`gen ${at}`, 6) });
for (const [at, path] of odd.entries()) write({ [path]: lines(`odd ${at}`, 12) });
commit('Begin');
submodule('vendor/lib', '1');
git('commit', '-q', '-m', 'Add a submodule');

/** A branch from main with commits, one per change, and a commit on main meanwhile. */
const beside = (branch, theirs, ours, from = 'main') => {
  on(branch, from);
  for (const change of [theirs].flat()) {
    change();
    commit(`Work on ${branch}`);
  }
  on('main');
  if (ours === undefined) return;
  ours();
  commit(`Meanwhile, beside ${branch}`);
};

beside(
  'parser',
  [() => edit('src/parse.ts', 3, 'parse better'), () => write({ 'src/lexer.ts': lines('lexer') })],
  () => edit('src/app.ts', 2, 'app, newer'),
);
merge('parser');

beside(
  'core',
  () => edit('src/core.ts', 10, 'core, theirs'),
  () => edit('src/core.ts', 10, 'core, ours'),
);
merge('core', () => write({ 'src/core.ts': lines('core').replace('core 10\n', 'core, both\n') }));

beside(
  'log',
  () => append('CHANGES.log', 'theirs'),
  () => append('CHANGES.log', 'ours'),
);
merge('log');

beside(
  'util',
  () => edit('src/util.ts', 5, 'util, theirs'),
  () => move('src/util.ts', 'src/helpers.ts'),
);
merge('util');

// git asks about a file that was added to a folder which the other side renamed.
beside(
  'archive',
  () => move('docs/old', 'docs/archive'),
  () => write({ 'docs/old/e.md': lines('old e', 12) }),
);
merge('archive', () => {});

beside(
  'script',
  () => executable('bin/run.sh'),
  () => edit('bin/run.sh', 4, 'run faster'),
);
merge('script');

beside(
  'current',
  () => link('current', 'src'),
  () => write({ current: 'main\n' }),
);
merge('current', () => {
  for (const path of git('ls-files', '--others', '--unmerged', '--exclude-standard').split('\n'))
    if (/current~/.test(path)) remove(path.replace(/^.*\t/, ''));
  link('current', 'src');
});

beside(
  'logo',
  () => write({ 'assets/logo.bin': bytes('theirs') }),
  () => write({ 'assets/logo.bin': bytes('ours') }),
);
merge('logo', () => git('checkout', '-q', '--theirs', 'assets/logo.bin'));

beside(
  'windows',
  () => {
    edit('src/windows.crlf', 20, 'windows, theirs\r');
    edit('docs/legacy.txt', 20, 'legacy, theirs\r');
  },
  () => {
    edit('src/windows.crlf', 3, 'windows, ours\r');
    edit('docs/legacy.txt', 3, 'legacy, ours\r');
  },
);
merge('windows');

// Criss-cross: both sides merge the other, and go on.
beside('left', () => edit('src/format.ts', 4, 'format, left'));
beside('right', () => edit('src/format.ts', 20, 'format, right'));
on('left');
git('branch', 'left-before');
merge('right');
on('right');
merge('left-before');
edit('src/format.ts', 5, 'format, right again');
commit('Go on at the right');
on('left');
edit('src/format.ts', 26, 'format, left again');
commit('Go on at the left');
merge('right');
on('main');
merge('left');

// Once more, where both resolved one conflict, each another way: the base of the last merge is a conflict itself.
beside('east', () => edit('src/format.ts', 10, 'format, east'));
beside('west', () => edit('src/format.ts', 10, 'format, west'));
on('east');
git('branch', 'east-before');
merge('west', () =>
  write({
    'src/format.ts': read('src/format.ts').replace(/<<<<<<<[\s\S]*?>>>>>>> .*/, 'format, east first'),
  }),
);
on('west');
merge('east-before', () =>
  write({
    'src/format.ts': read('src/format.ts').replace(/<<<<<<<[\s\S]*?>>>>>>> .*/, 'format, west first'),
  }),
);
edit('src/format.ts', 17, 'format, west again');
commit('Go on in the west');
on('east');
merge('west', () =>
  write({ 'src/format.ts': read('src/format.ts').replace(/<<<<<<<[\s\S]*>>>>>>> .*/, 'format, both') }),
);
on('main');
merge('east');

beside(
  'library',
  () => submodule('vendor/lib', '2'),
  () => submodule('vendor/lib', '3'),
);
merge('library', () => submodule('vendor/lib', '3'));

beside(
  'odd',
  () => {
    for (const path of odd) edit(path, 2, 'theirs');
  },
  () => {
    for (const path of odd) edit(path, path === unicode || path === latin ? 2 : 8, 'ours');
  },
);
merge('odd', () => {
  for (const path of [unicode, latin]) write({ [path]: lines('odd', 12).replace('odd 2\n', 'both\n') });
});

beside(
  'guide',
  () => remove('docs/guide.md'),
  () => edit('docs/guide.md', 1, 'guide, ours'),
);
merge('guide', () => write({ 'docs/guide.md': lines('guide').replace('guide 1\n', 'guide, ours\n') }));

beside(
  'names',
  () => move('src/lexer.ts', 'src/scanner.ts'),
  () => move('src/lexer.ts', 'src/tokens.ts'),
);
merge('names', () => remove('src/scanner.ts'));

// A file against a folder, and the same file added on both sides.
beside(
  'folder',
  () => write({ 'plan/one.md': lines('plan', 3), LICENSE: 'free\n' }),
  () => write({ plan: 'a file\n', LICENSE: 'free\n' }),
);
merge('folder', () => {
  for (const name of ['plan~HEAD', 'plan~folder', 'plan~main']) remove(name);
});

// A branch that brings in main before it lands, and one whose name differs in case only.
beside(
  'update',
  () => edit('src/parse.ts', 25, 'parse, later'),
  () => edit('src/parse.ts', 12, 'parse, main'),
);
on('update');
merge('main');
move('README.md', 'Readme.md');
commit('Rename the readme');
on('main');
edit('README.md', 6, 'readme, ours');
commit('Say more');
merge('update');

// Both sides keep tidy lists elsewhere; the attributes of the target say how they are merged.
beside(
  'register',
  () => append('data/register.md', '| theirs'),
  () => append('data/register.md', '| ours'),
);
merge('register', () => write({ 'data/register.md': `${lines('| row', 10)}| ours\n| theirs\n` }));

// What was seen in a real project: two files in conflict, and the merge takes 13 others away or back.
on('wipes', 'main~4');
edit('src/core.ts', 2, 'core, wiping');
edit('src/app.ts', 20, 'app, wiping');
commit('Work on two files');
on('wiped-on', 'main');
edit('src/core.ts', 2, 'core, meanwhile');
edit('src/app.ts', 20, 'app, meanwhile');
edit('src/format.ts', 12, 'format, meanwhile');
commit('Work on the same two, and one more');
on('wipes');
const format = read('src/format.ts');
merge('wiped-on', () => {
  write({ 'src/core.ts': lines('core'), 'src/app.ts': lines('app'), 'src/format.ts': format });
  remove('gen');
});
on('repaired', 'wipes');
git('checkout', '-q', 'wiped-on', '--', 'gen', 'src/format.ts');
commit('Put back what was lost');
on('discards', 'main~2');
write({ 'src/mine.ts': lines('mine') });
commit('Work alone');
merge('main', undefined, ['-s', 'ours']);

for (const name of ['one', 'two']) {
  on(`octopus-${name}`, 'main~1');
  write({ [`octopus/${name}`]: `${name}\n` });
  commit(`Arm ${name}`);
}
on('topic/octopus', 'main');
merge(['octopus-one', 'octopus-two']);

/** A branch that has not landed yet. */
const topic = (name, from, ...changes) => {
  on(`topic/${name}`, from);
  for (const change of changes) {
    change();
    commit(`Topic ${name}`);
  }
};
topic('ahead', 'main', () => write({ ahead: 'ahead\n' }));
topic(
  'app',
  'main~2',
  () => edit('src/app.ts', 14, 'app, topic'),
  () => edit('src/app.ts', 15, 'app, topic'),
);
topic('attributes', 'main', () =>
  write({ '.gitattributes': '*.bin binary\ndata/*.md merge=union\n*.crlf text eol=crlf\n' }),
);
topic('core', 'main~3', () => edit('src/core.ts', 5, 'core, topic'));
topic(
  'core-too',
  'main',
  () => edit('src/core.ts', 5, 'core, topic too'),
  () => write({ more: 'more\n' }),
);
topic(
  'docs',
  'main~2',
  () => move('docs/archive', 'docs/history'),
  () => edit('docs/history/a.md', 3, 'moved'),
);
topic('docs-too', 'main', () => write({ 'docs/archive/f.md': lines('old f', 12) }));
topic('library', 'main', () => submodule('vendor/lib', '4'));
topic('library-too', 'main', () => submodule('vendor/lib', '5'));
topic('log', 'main~3', () => append('CHANGES.log', 'topic'));
topic('log-too', 'main', () => append('CHANGES.log', 'topic too'));
topic('nothing', 'main~3');
topic('odd', 'main~1', () => {
  for (const path of odd) edit(path, 5, 'topic');
  link('current', 'docs');
});
topic('odd-too', 'main', () => {
  for (const path of odd) edit(path, path === latin ? 5 : 10, 'topic too');
  executable('src/app.ts');
  link('current', 'bin');
});
topic('register', 'main~1', () => append('data/register.md', '| topic'));
topic('register-too', 'main', () => append('data/register.md', '| topic too'));
topic('renames', 'main~3', () => {
  move('src/app.ts', 'src/main/app.ts');
  edit('src/main/app.ts', 1, 'app, moved');
});
topic('synced', 'main~5', () => edit('src/helpers.ts', 25, 'helpers, topic'));
on('topic/synced');
merge('main~1');
topic('windows', 'main~4', () => edit('src/windows.crlf', 10, 'windows, topic\r'));

on('main');
git('-c', 'pack.threads=1', 'bundle', 'create', '--quiet', resolve(bundle), '--branches');
process.stdout.write(
  `${git('rev-list', '--count', '--branches')} commits, ${git('rev-list', '--merges', '--count', '--branches')} merges\n`,
);
rmSync(folder, { recursive: true, force: true });
