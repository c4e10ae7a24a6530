import { join } from 'node:path';
import type { Runs } from '../application/ports/agent.ts';
import type { Hub } from '../application/ports.ts';
import { openFacts, readFacts } from './facts.ts';
import { openFolders } from './folders.ts';
import { readChanges } from './git/changes.ts';
import { readCommit, readRefs } from './git/refs.ts';
import { readRemotes } from './git/remotes.ts';
import { hasWorked, readTraces, strangerAt } from './git/traces.ts';
import { readWorktrees } from './git/worktrees.ts';
import { openIntents } from './intents.ts';
import { lazily } from './lazy.ts';
import { openMemory } from './memory.ts';
import { type OpenOptions, openContext } from './opened.ts';
import { ancestors, standsIn } from './processes/ancestors.ts';
import { endTree, inside, livenessOf, ownIdentity, processes } from './processes.ts';
import { runFolder } from './run-folder.ts';

/** Discovers the repository of a directory and opens everything wt asks of it; what is costly loads when used. */
export async function openHub(options: OpenOptions): Promise<Hub> {
  const { cwd, variables, clock } = options;
  const context = await openContext(options);
  const { repository, ask } = context;
  const stateFiles = () =>
    import('./state-files/state-files.ts').then((m) => m.openStateFiles(ask, locks, repository.stateDir));
  const locks = lazily(() =>
    import('./lock.ts').then((m) => m.openLocks(join(repository.stateDir, 'locks'))),
  );
  return {
    repository,
    git: {
      worktrees: () => readWorktrees(ask, repository, readFacts),
      commit: (revision) => readCommit(ask, revision, cwd),
      refs: (prefixes) => readRefs(ask, prefixes),
      changes: (worktree) => readChanges(ask, worktree),
      requireIdentity: (worktree) =>
        import('./git/identity.ts').then((m) => m.requireIdentity(ask, worktree)),
      pushSettings: () => import('./git/identity.ts').then((m) => m.readPushSettings(ask)),
      divergence: (pairs) => import('./git/divergence.ts').then((m) => m.readDivergence(ask, pairs)),
      probeWork: (pairs, attributes) =>
        import('./git/snapshot.ts').then((m) => m.probeWork(ask, repository.commonDir, pairs, attributes)),
      withWorkTree: (worktree, use) =>
        import('./git/snapshot.ts').then((m) => m.withWorkTree(ask, repository.commonDir, worktree, use)),
      strangerAt: async (worktree) => strangerAt(worktree),
      heldBranch: (gitDir) => import('./git/operations.ts').then((m) => m.heldBranch(gitDir)),
      traces: async (gitDir) => readTraces(gitDir),
      hasWorked: async (gitDir) => hasWorked(gitDir),
      commitDates: (commits) => import('./git/trees.ts').then((m) => m.readCommitDates(ask, commits)),
      trees: (commits) => import('./git/trees.ts').then((m) => m.readTrees(ask, commits)),
      changedPaths: (comparisons) =>
        import('./git/changed-paths.ts').then((m) => m.readChangedPaths(ask, comparisons)),
      fileChanges: (comparison) =>
        import('./git/changed-paths.ts').then((m) => m.readFileChanges(ask, comparison)),
      patches: (comparisons) => import('./git/changed-paths.ts').then((m) => m.readPatches(ask, comparisons)),
      remotes: () => readRemotes(ask),
      reverts: (range) => import('./git/reverts.ts').then((m) => m.readReverts(ask, range)),
      parents: (commits) => import('./git/reverts.ts').then((m) => m.readParents(ask, commits)),
      pushed: (range) => import('./git/range-commits.ts').then((m) => m.readPushed(ask, range)),
      rangeCommits: (range) => import('./git/range-commits.ts').then((m) => m.readRangeCommits(ask, range)),
      merges: (range) => import('./git/merge-audit.ts').then((m) => m.readMerges(ask, range)),
      compareMerges: (merges) =>
        import('./git/merge-audit.ts').then((m) => m.compareMerges(ask, repository.commonDir, merges)),
      pathHistory: (question) =>
        import('./git/path-history.ts').then((m) => m.readPathHistory(ask, question)),
      marked: (question) => import('./git/conflict-markers.ts').then((m) => m.readMarked(ask, question)),
      markersBrought: (range) =>
        import('./git/conflict-markers.ts').then((m) =>
          m.readMarkersBrought(ask, repository.commonDir, range),
        ),
      probe: (pairs, attributes) =>
        import('./git/probe.ts').then((m) => m.probe(ask, repository.commonDir, pairs, attributes)),
    },
    edits: lazily(() => import('./git/edits.ts').then((m) => m.openEdits(context))),
    landings: lazily(() => import('./git/landing.ts').then((m) => m.openLandings(context))),
    gates: lazily(() => import('./gates/gates.ts').then((m) => m.openGates(context))),
    ledger: lazily(() => import('./git/ledger.ts').then((m) => m.openLedger(context))),
    registrations: lazily(() => import('./git/registrations.ts').then((m) => m.openRegistrations(context))),
    facts: openFacts(repository),
    locks,
    intents: openIntents(repository.stateDir, clock.now, clock.uuid),
    trash: lazily(() => import('./trash/trash.ts').then((m) => m.openTrash(context))),
    attic: lazily(() => import('./attic/attic.ts').then((m) => m.openAttic(context))),
    clinic: lazily(() => import('./clinic/clinic.ts').then((m) => m.openClinic(context))),
    errands: lazily(() => import('./errands.ts').then((m) => m.openErrands(context))),
    folders: openFolders(),
    checkpoints: lazily(() => import('./checkpoints.ts').then((m) => m.openCheckpoints(context))),
    farewell: lazily(() => import('./farewell/farewell.ts').then((m) => m.openFarewell(context))),
    events: lazily(() =>
      import('./events.ts').then((m) => m.openEvents(repository.stateDir, locks, { now: clock.now })),
    ),
    copies: lazily(() => import('./git/copies.ts').then((m) => m.openFileCopies(ask))),
    userFiles: lazily(() => import('./user-files.ts').then((m) => m.openUserFiles())),
    stateFiles: lazily(stateFiles),
    recorder: lazily(async () => (await import('./recorder.ts')).openRecorder(await stateFiles(), clock.now)),
    memory: openMemory({ ...repository, home: options.home, variables }),
    trials: lazily(() => import('./trials.ts').then((m) => m.openTrials(context))),
    provisioning: lazily(() =>
      import('./provisioning/provisioning.ts').then((m) => m.openProvisioning(context)),
    ),
    runs: lazily<Runs>(() => import('./runs.ts').then((m) => m.openRuns(repository.stateDir)), {
      folder: (dispatchId: string) => runFolder(repository.stateDir, dispatchId),
    }),
    supervisors: lazily(() =>
      import('./supervisor/supervisors.ts').then((m) => m.openSupervisors(context, locks)),
    ),
    sessions: lazily(() => import('./sessions.ts').then((m) => m.openSessions(context))),
    processes: {
      own: ownIdentity,
      liveness: livenessOf,
      inside,
      end: endTree,
      ancestors: async () => ancestors(processes.table),
      standsIn: async (path) => standsIn(path, processes.table),
    },
  };
}
