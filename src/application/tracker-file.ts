import { failures } from '../domain/failure.ts';
import type { Warning } from '../domain/warning.ts';
import type { Hub, Ports } from './ports.ts';

/** The tracker that a command works on: its path, the work tree it belongs to, and what is to be said of the choice. */
export type TrackerFile = {
  readonly path: string;
  readonly root: string;
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
  { file, here }: TrackerChoice,
): Promise<TrackerFile> {
  const { main, current } = hub.repository;
  const own = current ?? main;
  const root = here ? own : (main ?? current);
  if (root === undefined || own === undefined)
    throw failures.usage(
      'a bare repository has no files: run it in a worktree',
      'wt -C <worktree> tracker show',
    );
  const isElsewhere = own !== root;
  const chosen = (name: string): TrackerFile => ({
    path: `${root}/${name}`,
    root,
    name,
    warnings: isElsewhere
      ? [
          {
            code: 'coordinators_copy',
            message: `this is the copy in ${root}; --here is for that of this worktree`,
          },
        ]
      : [],
  });
  const isThere = async (folder: string, name: string) => {
    const kind = await hub.folders.kind(`${folder}/${name}`);
    return kind === 'file' || kind === 'symlink';
  };
  if (file !== undefined) {
    const name = await relativeTo(ports, hub, [root, own], file);
    const found = chosen(name);
    if (await isThere(root, name)) return found;
    throw failures.trackerNotFound(
      [found.path],
      isElsewhere && (await isThere(own, name)) ? name : undefined,
    );
  }
  const project = await currentProject(ports, hub);
  const usual = [...(project === undefined ? [] : [`projects/${project}/${tracker}`]), tracker];
  const [first = tracker] = usual;
  for (const name of usual) {
    if (await isThere(root, name)) return chosen(name);
    // That of another project would be the wrong one.
    if (name === first && isElsewhere && (await isThere(own, first)))
      throw failures.trackerNotFound([`${root}/${first}`], first);
  }
  const others = (await hub.stateFiles.tracked(root, tracker)).filter(
    (path) => project === undefined || !path.startsWith('projects/'),
  );
  const [only, ...more] = others;
  if (more.length > 0) throw failures.severalTrackers(others);
  if (only === undefined)
    throw failures.trackerNotFound(
      usual.map((name) => `${root}/${name}`),
      undefined,
    );
  return chosen(only);
}

/** A path of `--file` within the work tree that it is in: relative to `-C` or the current directory. */
async function relativeTo(
  { environment }: Pick<Ports, 'environment'>,
  hub: Hub,
  roots: readonly string[],
  file: string,
): Promise<string> {
  const place = await hub.folders.place(file, environment.cwd(), environment.home);
  // The longest first: a linked worktree may be inside of the main one.
  const longest = [...new Set(roots)].sort((a, b) => b.length - a.length);
  for (const root of longest) {
    const real = (await hub.folders.real(root)) ?? root;
    if (place.path.startsWith(`${real}/`)) return place.path.slice(real.length + 1);
  }
  throw failures.outsideRepository(place.path, undefined);
}

/** The project of the current worktree; in one without, that of the variable that carries project ids. */
async function currentProject(
  { environment, config }: Pick<Ports, 'environment' | 'config'>,
  hub: Hub,
): Promise<string | undefined> {
  const { current, main } = hub.repository;
  if (current !== undefined && current !== main) {
    const worktree = (await hub.git.worktrees()).find(({ path }) => path === current);
    const project = worktree?.facts?.project_id;
    if (project) return project;
  }
  const { variable } = (await config()).config.naming;
  const named = environment.variables[variable];
  return named !== undefined && /^[\w.-]+$/.test(named) && !/^\.+$/.test(named) ? named : undefined;
}
