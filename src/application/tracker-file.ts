import { failures } from '../domain/failure.ts';
import { isWithin } from '../domain/tool-guard.ts';
import type { Warning } from '../domain/warning.ts';
import { boundProject } from './orchestration-file.ts';
import type { Hub, Ports } from './ports.ts';

/** The tracker that a command works on: its path, the work tree it belongs to, and what is to be said of the choice. */
export type TrackerFile = {
  readonly path: string;
  /** A file elsewhere can be read, not written. */
  readonly top: string;
  /** As the repository knows it: for messages. */
  readonly name: string;
  readonly warnings: readonly Warning[];
};

export type TrackerChoice = {
  readonly file: string | undefined;
  /** The current worktree's own copy, not the coordinator's. */
  readonly here: boolean;
};

const tracker = 'WORKTRACKER.md';

/**
 * The tracker of `--file`, of the worktree's or current project, of the repository, or the only one that is tracked;
 * from a linked worktree the copy in the main one, which coordinates.
 */
export async function chooseTracker(
  ports: Pick<Ports, 'environment' | 'config'>,
  hub: Hub,
  choice: TrackerChoice,
): Promise<TrackerFile> {
  const { main, current } = hub.repository;
  const top = choice.here ? current : main;
  if (top === undefined) throw failures.noTrackerHere(hub.repository.commonDir);
  const name = await nameOf(ports, hub, top, choice);
  if (name.startsWith('/')) return { path: name, top, name, warnings: [] };
  const path = `${top}/${name}`;
  const isElsewhere = current !== undefined && current !== top;
  const present = await hub.stateFiles.present([path, `${current}/${name}`]);
  if (!present.has(path))
    throw failures.trackerNotFound(
      [path],
      isElsewhere && present.has(`${current}/${name}`) ? name : undefined,
    );
  const message = `${path} is the coordinator's copy; that of this worktree is left alone (--here works on it)`;
  return { path, top, name, warnings: isElsewhere ? [{ code: 'coordinator_copy', message }] : [] };
}

/** The tracker's path from the top of a worktree; absolute where it is outside of it. */
async function nameOf(
  ports: Pick<Ports, 'environment' | 'config'>,
  hub: Hub,
  top: string,
  { file }: TrackerChoice,
): Promise<string> {
  const { environment, config } = ports;
  const { current = top } = hub.repository;
  if (file !== undefined) {
    const { path } = await hub.folders.place(file, environment.cwd(), environment.home);
    // The current one first: a linked worktree may be inside of the main one.
    const owner = [current, top].find((each) => isWithin(each, path));
    return owner === undefined ? path : path.slice(owner.length + 1);
  }
  const project = await boundProject(ports, hub, (await config()).config.naming.variable);
  const own = project === undefined ? [] : [`projects/${project}/${tracker}`];
  const places = [...own, tracker].flatMap((name) => [`${top}/${name}`, `${current}/${name}`]);
  const present = await hub.stateFiles.present(places);
  // A project that only this worktree has yet: another one's tracker would be the wrong one.
  const found =
    own.find((name) => present.has(`${top}/${name}`) || present.has(`${current}/${name}`)) ??
    [tracker].find((name) => present.has(`${top}/${name}`));
  if (found !== undefined) return found;
  const others = (await hub.stateFiles.tracked(top, tracker)).filter(
    (path) => project === undefined || !path.startsWith('projects/'),
  );
  const [only, ...more] = others;
  if (more.length > 0) throw failures.severalTrackers(others);
  if (only === undefined)
    throw failures.trackerNotFound(
      [...own, tracker].map((name) => `${top}/${name}`),
      undefined,
    );
  return only;
}
