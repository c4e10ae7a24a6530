import type { DispatchScene } from '../../support/dispatches.ts';
import {
  alive,
  debris,
  eventFaults,
  eventTypes,
  gitFaults,
  indexLocks,
  lostWork,
  miscounted,
  readRecords,
} from './aftermath.ts';
import { count, type Deeds, shown } from './deeds.ts';
import type { Done } from './evidence.ts';
import { untruths } from './judge.ts';

export type Outcome = {
  readonly records: number;
  /** Everything that is wrong, by kind: all empty when nothing is. */
  readonly wrong: Readonly<Record<string, readonly string[]>>;
  /** What happened, in numbers. */
  readonly report: string;
};

/** Looks at everything that is left, and measures it by what the agents did and what was done to the runs. */
export async function outcomeOf(
  scene: DispatchScene,
  deeds: Deeds,
  { evidence, tag }: { readonly evidence: ReadonlyMap<string, readonly Done[]>; readonly tag: string },
): Promise<Outcome> {
  const faults = [...deeds.faults];
  const records = readRecords(scene, faults);
  const left = await alive(scene, records, tag);
  // One that took the marker off, and lost its parent while nobody watched, cannot be told from anybody else's.
  const isBeyondReach = (line: string) => {
    const id = new RegExp(` ${tag}-bare-(dispatch-[\\d-]+) 86400$`).exec(line)?.[1] ?? '';
    return deeds.killed.supervisors.has(id) || deeds.killed.agents.has(id);
  };
  const wrong = {
    faults,
    left: left.filter((line) => !isBeyondReach(line)),
    untruths: records.flatMap((record) =>
      untruths(record, evidence.get(record.dispatch.dispatch_id ?? '') ?? [], deeds),
    ),
    lost: lostWork(scene, evidence),
    miscounted: miscounted(scene, records),
    debris: debris(scene),
    events: eventFaults(scene, records),
    git: gitFaults(scene),
  };

  const verdicts = new Map<string, number>();
  for (const { dispatch } of records) {
    count(verdicts, `${dispatch.status} ${dispatch.reason ?? 'with commits'}`);
  }
  const acts = new Map<string, number>();
  for (const done of evidence.values()) for (const { act } of done) count(acts, act);
  const { supervisors, agents, commands } = deeds.killed;
  const orphans = left.filter(isBeyondReach).length;
  const report = [
    `${records.length} runs; killed: ${supervisors.size} supervisors, ${agents.size} agents, ${shown(commands)}`,
    `verdicts: ${shown(verdicts)}`,
    `agents: ${shown(acts)}`,
    `commands, by exit code: ${shown(deeds.exits)}`,
    `events: ${shown(eventTypes(scene))}`,
    `index.lock left by a killed git: ${indexLocks(scene)}; orphans that had taken the marker off: ${orphans}`,
  ].join('\n');
  return { records: records.length, wrong, report };
}

/** What `wrong` is when nothing is. */
export const nothingWrong: Outcome['wrong'] = {
  ...{ faults: [], left: [], untruths: [], lost: [], miscounted: [], debris: [], events: [], git: [] },
};
