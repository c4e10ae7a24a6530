import { displayWidth } from '../domain/display-width.ts';

/** A text in at most `most` columns, with `…` in its middle: both ends tell names apart. */
export function shortened(text: string, most: number): string {
  if (displayWidth(text) <= most) return text;
  if (most <= 1) return '…';
  const characters = [...text];
  const head: string[] = [];
  const tail: string[] = [];
  let room = most - 1;
  for (let turn = 0; ; turn++) {
    const next = turn % 2 === 0 ? characters[head.length] : characters[characters.length - 1 - tail.length];
    if (next === undefined || displayWidth(next) > room) break;
    room -= displayWidth(next);
    if (turn % 2 === 0) head.push(next);
    else tail.unshift(next);
  }
  return `${head.join('')}…${tail.join('')}`;
}

/** A text in at most `most` columns, with `…` at its end. */
export function cut(text: string, most: number): string {
  let kept = '';
  let room = most - 1;
  for (const character of text) {
    room -= displayWidth(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** A text filled up with spaces. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - displayWidth(text)));
