import { type BranchName, parseBranchName } from './branch-name.ts';
import { claimsProject, type ProjectId, parseProjectId } from './project-id.ts';

/** How names are made; the `naming` section of the configuration. */
export type Naming = {
  /** Source of a regular expression. */
  readonly project_pattern: string;
  /** Template of the branch: {project_id}, {project_id_lower}. */
  readonly branch: string;
  /** Template of the path: {parent} and {repo} of the repository, {branch}, {project_id}, {project_id_lower}. */
  readonly path: string;
  /** The variable that binds a project in the environment. */
  readonly variable: string;
};

/** Where the repository sits: its containing folder and its name (`jerry`, `prover` for a bare `prover.git`). */
export type RepositoryPlace = { readonly parent: string; readonly name: string };

export type NamedWorktree = {
  readonly argument: string;
  readonly projectId: ProjectId | undefined;
  readonly branch: BranchName;
  readonly path: string;
};

const fill = (template: string, values: Readonly<Record<string, string>>) =>
  template.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);

/**
 * The branch, path and project of a `create` argument: a project id, or any other valid branch name.
 * Throws `invalid_project_id` and `invalid_branch`. Paths stay as the template gives them: `/`-joined.
 */
export function nameWorktree(
  argument: string,
  naming: Naming,
  place: RepositoryPlace,
  overrides: { readonly branch?: string | undefined; readonly path?: string | undefined } = {},
): NamedWorktree {
  const projectId = claimsProject(argument, naming.project_pattern)
    ? parseProjectId(argument, naming.project_pattern)
    : undefined;
  const ids: Record<string, string> =
    projectId === undefined ? {} : { project_id: projectId, project_id_lower: projectId.toLowerCase() };
  const branch = parseBranchName(
    overrides.branch ?? (projectId === undefined ? argument : fill(naming.branch, ids)),
  );
  const path =
    overrides.path ?? fill(naming.path, { ...ids, parent: place.parent, repo: place.name, branch });
  return { argument, projectId, branch, path };
}
