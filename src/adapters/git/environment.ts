/**
 * What `git rev-parse --local-env-vars` names (git sets them inside hooks and aliases, and a child git would
 * work on the wrong repository), and what belongs to one session. The user's own GIT_SSH_COMMAND, GIT_ASKPASS,
 * GIT_CONFIG_GLOBAL and the like pass.
 */
export const repositoryVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_EDITOR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SEQUENCE_EDITOR',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_DATE',
] as const;

/** An environment without what points git at another repository. GIT_CONFIG_COUNT and its pairs pass: they are settings. */
export function withoutRepository(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) clean[name] = value;
  for (const name of repositoryVariables) delete clean[name];
  return clean;
}

/**
 * For a git that runs in the common directory of a repository that git itself found before: from inside, that looks
 * like a bare one, and with `safe.bareRepository=explicit` git refuses those.
 */
export const inFoundRepository = { GIT_CONFIG_PARAMETERS: "'safe.bareRepository=all'" } as const;

/** The environment of a git that wt starts: untranslated, never asking; a read takes no optional locks. */
export const gitEnvironment = (
  variables: Readonly<Record<string, string | undefined>>,
  access: 'read' | 'write',
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  ...withoutRepository(variables),
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  ...(access === 'read' ? { GIT_OPTIONAL_LOCKS: '0' } : {}),
  ...extra,
});
