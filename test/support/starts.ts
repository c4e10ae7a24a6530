import { expect } from 'vitest';
import { StartAnswer } from '../../src/domain/answers/start.ts';
import type { Ran } from './bin.ts';
import type { DispatchScene } from './dispatches.ts';

export const start = (scene: DispatchScene, ...args: string[]) => scene.wt(['start', ...args, '--json']);

/** What wt start printed, with no key too many or too few. */
export function startedIn(ran: Ran): StartAnswer[] {
  const value = ran.json();
  const answers = StartAnswer.array().parse(Array.isArray(value) ? value : [value]);
  expect(answers).toEqual(Array.isArray(value) ? value : [value]);
  return answers;
}

export const nothingMade = ({ repo, records }: DispatchScene) => {
  expect(repo.git('branch', '--format=%(refname:short)').split('\n')).toEqual(['feat/a', 'main']);
  expect(records()).toEqual([]);
};
