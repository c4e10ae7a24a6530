import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/adapters/config-files.ts';
import { openHub } from '../../src/adapters/hub.ts';
import { type GateRoom, openGateRoom } from '../../src/application/gate-room.ts';
import { type GateRequest, type GatesRun, runGates } from '../../src/application/gates.ts';
import type { Scratch } from '../../src/application/ports/landing.ts';
import type { Hub, Ports } from '../../src/application/ports.ts';
import { Sha } from '../../src/domain/sha.ts';
import { afterEveryTest } from './after.ts';
import { tellingNarrator } from './narrator.ts';
import type { TestRepo } from './repo.ts';

/** Merges of branches into main in memory, and gates on them, in this process. */
export type GateScene = {
  readonly repo: TestRepo;
  readonly hub: Hub;
  readonly ports: Ports;
  readonly room: GateRoom;
  readonly scratch: Scratch;
  readonly told: string[];
  /** Merges a branch into main, or into an earlier merge, outside the repository. */
  readonly merged: (branch: string, onto?: string) => Promise<Merged>;
  /** Runs gates on a merge. */
  readonly gates: (
    merged: Merged,
    commands: readonly string[],
    more?: Partial<GateRequest>,
  ) => Promise<GatesRun>;
  /** What is in the folders where rooms are made. */
  readonly rooms: () => string[];
  readonly close: () => Promise<void>;
};
export type Merged = Pick<GateRequest, 'tree' | 'commit' | 'objects' | 'candidate' | 'target' | 'before'>;

export type SceneOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
};

export async function openGateScene(repo: TestRepo, options: SceneOptions = {}): Promise<GateScene> {
  const { cwd = repo.path, dryRun = false, signal = new AbortController().signal } = options;
  const variables = { ...repo.env, ...options.env };
  const told: string[] = [];
  const clock = {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    uuid: () => crypto.randomUUID(),
  };
  const hub = await openHub({ cwd, variables, home: repo.home, clock, signal, trace: undefined });
  const narrator = tellingNarrator(told, { signal });
  const ports = {
    clock,
    narrator,
    environment: { cwd: () => cwd, home: repo.home, variables, version: '0.0.0' },
    config: () => loadConfig({ repository: hub.repository, variables, home: repo.home }),
    hub: async () => hub,
  } as Partial<Ports> as Ports;
  const scratch = await hub.landings.openScratch({ keepable: !dryRun });
  const room = openGateRoom(ports, hub, { dryRun });
  const sha = (name: string) => Sha.parse(repo.gitIn(cwd, 'rev-parse', name));
  return {
    repo,
    hub,
    ports,
    room,
    scratch,
    told,
    merged: async (branch, onto = sha('main')) => {
      const before = Sha.parse(onto);
      const probe = await scratch.probe(
        { ours: before, theirs: sha(branch) },
        { commit: before, checkout: undefined },
      );
      if (probe.kind !== 'clean') throw new Error(`${branch} does not merge: ${probe.kind}`);
      const { tree } = probe;
      const parents = [before, sha(branch)];
      const commit = await scratch.commit({ tree, parents, message: 'Merge', checkout: undefined });
      const candidate = { name: branch, branch, worktreePath: cwd, projectId: undefined };
      return { tree, commit, objects: scratch.objects(), candidate, target: 'main', before };
    },
    gates: (merged, commands, more = {}) => runGates(ports, hub, room, { ...merged, commands, ...more }),
    rooms: () => {
      const claims = join(hub.repository.stateDir, 'cache');
      const names = existsSync(claims)
        ? readdirSync(claims).filter((name) => /^wt-gates-.*json$/.test(name))
        : [];
      return names.map((name) => JSON.parse(readFileSync(join(claims, name), 'utf8')).folder as string);
    },
    close: async () => {
      await room.close();
      await scratch.close();
    },
  };
}

/** Everything of a repository that gates must leave as it is: refs, index, settings, objects. */
export function untouched(gitDir: string): string[] {
  return readdirSync(gitDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(gitDir, 'wt')))
    .sort()
    .map((path) => `${path} ${readFileSync(path, 'latin1').length}`);
}

/** Opens scenes that are closed after the test. */
export function gateScenes() {
  const scenes: GateScene[] = [];
  afterEveryTest(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  return async (repo: TestRepo, options: SceneOptions = {}) => {
    const scene = await openGateScene(repo, options);
    scenes.push(scene);
    return scene;
  };
}

/** A branch of main with one commit of files. */
export const branchOff = (repo: TestRepo, name: string, files: Record<string, string>) => {
  repo.git('checkout', '-q', '-b', name, 'main');
  repo.commit(name, files);
  repo.git('checkout', '-q', 'main');
};
