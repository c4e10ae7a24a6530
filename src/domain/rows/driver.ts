import type { MarkedBlock } from '../marked-block.ts';
import { quote } from '../shell.ts';

/** The name by which git's attributes and settings know the merge of rows. */
export const driverName = 'wt-rows';

/** The title of wt's blocks in git's files. */
export const driverTitle = 'wt init --merge-drivers';

/**
 * The command line of the driver, given the program and the words that wt was started with. git puts files in for its
 * `%` words; where wt is not there any more it merges by lines, as without a driver.
 */
export function driverCommand([node = '', ...script]: readonly string[]): string {
  const word = (text: string) => quote(text).replaceAll('%', '%%');
  const entry = script.at(-1) ?? '';
  return [
    `if test -x ${word(node)} && test -e ${word(entry)};`,
    `then ${[node, ...script].map(word).join(' ')} merge-driver %O %A %B %P %L;`,
    'else git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B; fi',
  ].join(' ');
}

/** The driver as git's config has it. */
export const driverSettings = (command: string): MarkedBlock => ({
  title: driverTitle,
  lines: [
    `[merge "${driverName}"]`,
    '\tname = tables row by row (wt)',
    `\tdriver = "${command.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`,
  ],
});

/** The files that the driver is for, as git's attributes have them. */
export const driverAttributes = (globs: readonly string[]): MarkedBlock => ({
  title: driverTitle,
  lines: globs.map((glob) => `${attributePattern(glob)} merge=${driverName}`),
});

/** A glob from the top of the repository as a pattern of gitattributes, where a name without a slash is anywhere. */
function attributePattern(glob: string): string {
  const anywhere = /^\*\*\/([^/]+)$/.exec(glob)?.[1];
  const pattern = anywhere ?? (glob.includes('/') ? glob : `/${glob}`);
  const isPlain = /^[^\s"#!\\[][^\s"\\]*$/.test(pattern) && !pattern.startsWith('[attr]');
  return isPlain ? pattern : `"${pattern.replace(/["\\]/g, '\\$&')}"`;
}
