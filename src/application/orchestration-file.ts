import { failures } from '../domain/failure.ts';
import { linesOf } from '../domain/text-lines.ts';
import { isWithin } from '../domain/tool-guard.ts';
import type { Warning } from '../domain/warning.ts';
import type { YamlNode } from '../domain/yaml-tree.ts';
import type { StateFile } from './ports/state-files.ts';
import type { Hub, Ports } from './ports.ts';

const name = 'ORCHESTRATION.yaml';

export type FileChoice = {
  /** `--file`, relative to the current directory. */
  readonly file?: string | undefined;
  /** The copy of the worktree one is in, instead of the coordinator's. */
  readonly here: boolean;
  readonly edits: boolean;
  /** The project to look in; else that of the worktree one is in. */
  readonly project?: string | undefined;
};

/** The file that a command is about. */
export type ChosenFile = {
  readonly path: string;
  /** The top of the worktree that it belongs to; a file elsewhere can be read, not edited. */
  readonly top: string;
  readonly warnings: readonly Warning[];
};

/**
 * The file of `--file`, of the configuration, or the one that is found: at the top, in the folder of the worktree's
 * project, or the only one that git tracks. From a linked worktree it is the coordinator's copy, which is that of
 * the main worktree. Throws `file_not_found`, and `usage` where there are several.
 */
export async function chooseFile(ports: Ports, hub: Hub, choice: FileChoice): Promise<ChosenFile> {
  const top = coordinator(hub, choice);
  const { path, file } = await placeOf(ports, hub, top, choice);
  const { current, main } = hub.repository;
  const isCopy = !choice.here && current !== undefined && current !== main && isWithin(top, path);
  if (!isCopy) return { path, top, warnings: [] };
  const own = `${current}/${file}`;
  const present = await hub.stateFiles.present([path, own]);
  if (!present.has(path) && present.has(own))
    throw failures.stateFileNotFound(
      `the coordinator has no file ${path}; this worktree has one`,
      `--here works on ${own}`,
      { path, own },
    );
  const verb = choice.edits ? 'is edited' : 'is shown';
  const message = `${path} ${verb}, the coordinator's copy, and not the one of this worktree (that is --here)`;
  return { path, top, warnings: [{ code: 'coordinator_copy', message }] };
}

/** The top of the worktree whose copy counts. */
function coordinator({ repository }: Hub, { here }: FileChoice): string {
  const top = here ? repository.current : repository.main;
  if (top !== undefined) return top;
  if (here)
    throw failures.usage('--here needs a worktree here', 'wt -C <worktree> orchestration show --here');
  throw failures.stateFileNotFound(
    `the hub ${repository.commonDir} is bare: it has no ${name} of its own`,
    'wt -C <worktree> orchestration … --here works on the copy of a worktree',
    { path: repository.commonDir },
  );
}

async function placeOf(
  ports: Ports,
  hub: Hub,
  top: string,
  { file, here, project }: FileChoice,
): Promise<{ readonly path: string; readonly file: string }> {
  const at = (relative: string) => ({ path: `${top}/${relative}`, file: relative });
  if (file !== undefined) {
    const { environment } = ports;
    const { path } = await hub.folders.place(file, environment.cwd(), environment.home);
    const { current } = hub.repository;
    if (!here && current !== undefined && current !== top && isWithin(current, path))
      return at(path.slice(current.length + 1));
    return { path, file: isWithin(top, path) ? path.slice(top.length + 1) : path };
  }
  const { config } = await ports.config();
  if (config.orchestration.file !== undefined) return at(config.orchestration.file);
  const usual = [name, ...(await ofProject(ports, hub, config.naming.variable, project))];
  const present = await hub.stateFiles.present(usual.map((each) => at(each).path));
  const found = usual.find((each) => present.has(at(each).path));
  if (found !== undefined) return at(found);
  const tracked = await hub.stateFiles.tracked(top, name);
  const [only, ...more] = tracked;
  if (only === undefined)
    throw failures.stateFileNotFound(
      `there is no ${name} in ${top}`,
      'wt orchestration init <workflow-id> --project <id> makes one; --file <yaml> names another',
      { path: `${top}/${name}` },
    );
  if (more.length > 0) throw failures.severalStateFiles(name, tracked);
  return at(only);
}

/** The file of the project that this worktree, or the environment, is bound to. */
async function ofProject(
  ports: Ports,
  hub: Hub,
  variable: string,
  given: string | undefined,
): Promise<readonly string[]> {
  const project = given ?? (await boundProject(ports, hub, variable));
  return project === undefined ? [] : [`projects/${project}/${name}`];
}

/** The project of the worktree one is in, by wt's record, else of the environment. */
export async function boundProject(
  ports: Pick<Ports, 'environment'>,
  hub: Hub,
  variable: string,
): Promise<string | undefined> {
  const { current } = hub.repository;
  const recorded = current === undefined ? undefined : await hub.stateFiles.projectOf(current);
  const project = recorded ?? ports.environment.variables[variable];
  return project !== undefined && /^[\w.-]+$/.test(project) && !project.startsWith('.') ? project : undefined;
}

/** Which file, and whose copy. */
export type FileOptions = { readonly file?: string | undefined; readonly here: boolean };

/** What a file holds; throws with its line what keeps it from being read. */
export async function parsedFile(hub: Hub, file: StateFile): Promise<YamlNode | undefined> {
  const result = await hub.stateFiles.parseYaml(file.text);
  if (result.ok) return result.root;
  const { lineAt, columnAt } = linesOf(file.text);
  const { offset, message } = result.fault;
  throw failures.stateFileInvalid(file.path, { line: lineAt(offset), column: columnAt(offset) }, message);
}

/** Warnings of the answer, told to people as well. */
export const told = (ports: Ports, warnings: readonly Warning[]): Warning[] => {
  for (const { message } of warnings) ports.narrator.warn(message);
  return [...warnings];
};
