import type { MergeAnswer } from '../domain/answers/merge.ts';
import type { LoadedConfig } from '../domain/config.ts';
import { conflictPolicy, conflictSettings } from '../domain/conflict-policy.ts';
import { errorBody } from '../domain/error-body.ts';
import type { LandingStrategy } from '../domain/merge-plan.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { type AdmissionRules, admit } from './admission.ts';
import { type GateRoom, openGateRoom } from './gate-room.ts';
import { runGates } from './gates.ts';
import { cleanUpLanded, type Landing, pushTargets } from './landing-aftermath.ts';
import { landAll } from './landing-batch.ts';
import { bound } from './landing-binding.ts';
import { type Handover, handOver, type Round } from './landing-handover.ts';
import type { Target } from './landing-target.ts';
import { answered, inTurn, numbered } from './landing-turns.ts';
import { type CandidateOptions, type MergeScene, type Prepared, prepareAll } from './merge-candidates.ts';
import { orderCandidates } from './ordering.ts';
import type { Hub, Ports } from './ports.ts';

export type LandingChoices = Pick<CandidateOptions, 'into' | 'dryRun' | 'commit' | 'all'> & {
  readonly strategy?: LandingStrategy | undefined;
  readonly message?: string | undefined;
  /** `undefined` leaves it to the configuration. */
  readonly push?: boolean | undefined;
  /** Judges again what was refused because its target had moved meanwhile. */
  readonly retry?: boolean | undefined;
  /** Removes the worktrees once they have landed. */
  readonly cleanup: boolean;
  /** Shell commands that the merged tree has to pass, and whether those of the configuration come first. */
  readonly gates?: readonly string[] | undefined;
  readonly configuredGates?: boolean | undefined;
  /** Runs gates again whose results are remembered. */
  readonly freshGates?: boolean | undefined;
  /** `false` leaves every conflict to a person. */
  readonly auto?: boolean | undefined;
  readonly accept?: readonly string[] | undefined;
  readonly acceptOutside?: boolean | undefined;
  /** In ORCHESTRATION.yaml: barriers that waited for what lands become complete with it. */
  readonly completeBarriers?: boolean | undefined;
} & Handover;

/** What became of one worktree. */
export type Landed = Landing & {
  /** Its answer, with the failure in it. */
  readonly told: MergeAnswer;
  /** Whether something was done already when it failed. */
  readonly begun: boolean;
};

/** Reads what the landings of one command share. */
export async function openMergeScene(hub: Hub): Promise<MergeScene> {
  const [worktrees, refs, runs, [damaged]] = await Promise.all([
    hub.git.worktrees(),
    hub.git.refs(),
    hub.runs.list(),
    hub.runs.unreadable(),
  ]);
  return { worktrees, refs, runs, unreadable: damaged?.failure };
}

/** Lands worktrees one after the other, pushes what is to be pushed, and removes what is to be removed. */
export async function landWorktrees(
  ports: Ports,
  hub: Hub,
  scene: MergeScene,
  selected: readonly Worktree[],
  choices: LandingChoices,
): Promise<readonly Landed[]> {
  const { config } = await ports.config();
  const { dryRun } = choices;
  const room = openGateRoom(ports, hub, { dryRun });
  let round: Round;
  try {
    round = await landRound(ports, hub, scene, selected, choices, room);
    if (!dryRun)
      round = await handOver(ports, hub, round, choices, async ({ path }) => {
        const again = await openMergeScene(hub);
        const worktree = again.worktrees.find((each) => each.path === path);
        return worktree && landRound(ports, hub, again, [worktree], { ...choices, all: false }, room);
      });
  } finally {
    await room.close();
  }
  const { targets, begun } = round;
  let landings = [...round.landings];
  const push = choices.push ?? config.merge.push;
  if (!dryRun) landings = await pushTargets(ports, hub, { targets, refs: scene.refs, push }, landings);
  if (choices.cleanup && !dryRun) landings = await cleanUpLanded(ports, hub, landings);
  return landings.map((landing) => {
    const { answer, failure, worktree } = landing;
    const told = failure === undefined ? answer : { ...answer, error: errorBody(failure) };
    return { ...landing, told, begun: begun.has(worktree.path) };
  });
}

/** Judges worktrees together and lands what may land. */
async function landRound(
  ports: Ports,
  hub: Hub,
  scene: MergeScene,
  selected: readonly Worktree[],
  choices: LandingChoices,
  room: GateRoom,
): Promise<Round> {
  const loaded = await ports.config();
  const { config } = loaded;
  const { dryRun, message, all, auto = true } = choices;
  const targets = new Map<string, Target>();
  const options = { ...choices, needsUpstream: choices.push === true };
  const rules: AdmissionRules = {
    protected: config.merge.protected,
    accept: choices.accept ?? [],
    acceptOutside: choices.acceptOutside ?? false,
    remembered: dryRun,
  };
  const prepared: Prepared[] = [];
  const ignored = choices.configuredGates === true ? ignoredGates(loaded) : [];
  for (const each of await prepareAll(hub, scene, targets, selected, options))
    prepared.push(
      await bound(ports, hub, scene, await admitted(hub, targets, each, rules, ignored), targets, choices),
    );
  const aged = prepared.flatMap(({ candidate, age }) =>
    candidate === undefined ? [] : [{ candidate, age }],
  );
  const policy = conflictPolicy(conflictSettings(config, auto));
  const turns = await orderCandidates(hub, scene, targets, aged, policy);
  const candidates = turns.map(({ candidate }) => candidate);
  // A dry run tests only what was asked for in so many words.
  const configured = choices.configuredGates === true && !dryRun ? config.merge.gates : [];
  const commands = [...configured, ...(choices.gates ?? [])];
  const outcomes = await landAll(ports, hub, targets, candidates, {
    strategy: choices.strategy ?? config.merge.strategy,
    onlyChanges: all,
    message,
    dryRun,
    retry: choices.retry ?? false,
    policy,
    test:
      commands.length === 0
        ? undefined
        : (subject, objects) =>
            runGates(ports, hub, room, { ...subject, objects, commands, fresh: choices.freshGates === true }),
  });
  const landings = inTurn(prepared, turns, all).map((each) => answered(each, outcomes, all));
  return {
    landings: numbered(landings, turns, all),
    targets,
    begun: new Set(prepared.flatMap((each) => (each.begun ? each.worktree.path : []))),
    tails: new Map([...outcomes].flatMap(([path, { tail }]) => (tail === undefined ? [] : [[path, tail]]))),
  };
}

/** That the gates of the repository are not run, where the user has none in their place. */
const ignoredGates = ({ untrusted, warnings, origins }: LoadedConfig): readonly Warning[] =>
  origins.get('merge.gates')?.source === 'default'
    ? warnings.filter((_, index) => untrusted[index]?.key === 'merge.gates')
    : [];

/** A worktree of which it is known whether what its branch contains may land. */
async function admitted(
  hub: Hub,
  targets: ReadonlyMap<string, Target>,
  prepared: Prepared,
  rules: AdmissionRules,
  ignored: readonly Warning[],
): Promise<Prepared> {
  const { candidate, answer } = prepared;
  const target = candidate && targets.get(candidate.target);
  if (candidate === undefined || target === undefined) return prepared;
  const { failure, warnings } = await admit(hub, candidate, target.tip.commit, rules);
  const told = {
    ...prepared,
    answer: { ...answer, warnings: [...answer.warnings, ...ignored, ...warnings] },
  };
  if (failure === undefined) return told;
  const { candidate: _, ...refused } = told;
  return { ...refused, failure };
}
