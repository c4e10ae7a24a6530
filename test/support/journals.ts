import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { livenessOf } from '../../src/adapters/processes.ts';
import type { DispatchRecord } from '../../src/domain/dispatch.ts';
import { Event } from '../../src/domain/event.ts';
import { afterEveryTest } from './after.ts';
import { until } from './children.ts';
import type { DispatchScene, StartedWt } from './dispatches.ts';

export const journalOf = ({ repo }: DispatchScene) => join(repo.path, '.git', 'wt', 'events.jsonl');
export const folderOf = ({ repo }: DispatchScene, { dispatch }: DispatchRecord) =>
  join(repo.path, '.git', 'wt', 'runs', dispatch.dispatch_id ?? '');

/** The lines of a text, each an event of the schema with no key too many. */
export const eventsIn = (text: string): Event[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event = Event.parse(JSON.parse(line));
      expect(event).toEqual(JSON.parse(line));
      return event;
    });

export const types = (events: readonly Event[]) => events.map(({ type }) => type);
export const journal = (scene: DispatchScene) => eventsIn(readFileSync(journalOf(scene), 'utf8'));
/** The ends of runs that the journal tells of. */
export const endings = (scene: DispatchScene) =>
  journal(scene).filter(({ type }) => type === 'dispatch.finished');

/** The run once everybody was told of its end and its supervisor has gone. */
export async function toldRun(scene: DispatchScene): Promise<DispatchRecord> {
  const record = await scene.runWhen(({ announced }) => announced);
  await until(() => record.supervisor === null || livenessOf(record.supervisor) === 'dead');
  return record;
}

const followers: StartedWt[] = [];
afterEveryTest(() => {
  for (const { child } of followers.splice(0)) child.kill('SIGKILL');
});

/** Starts a follower, and gives the whole lines that it has written so far. */
export function follow(scene: DispatchScene, ...flags: string[]) {
  const follower = scene.start(['events', '--follow', ...flags]);
  followers.push(follower);
  let text = '';
  follower.child.stdout?.on('data', (piece: string) => {
    text += piece;
  });
  return { ...follower, seen: () => eventsIn(text.slice(0, text.lastIndexOf('\n') + 1)) };
}
