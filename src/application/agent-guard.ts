import { isInline, OwnSettings, takeSettings } from '../domain/agent-settings.ts';
import { failures, isFailure } from '../domain/failure.ts';
import type { Worktree } from '../domain/worktree.ts';
import type { Hub, Ports } from './ports.ts';
import { fromHere } from './prompt.ts';

/** What the guard of an agent needs from the user's words; claude gets one `--settings`, which is wt's. */
export type AgentGuard = {
  /** The words before and after wt's own arguments, without `--settings`. */
  readonly leading: readonly string[];
  readonly rest: readonly string[];
  /** Real paths. */
  readonly allowOutside: readonly string[];
  /** The person's own settings for a run in this worktree; throws `usage` for what claude could not read. */
  readonly ownSettings: (worktree: Worktree) => Promise<OwnSettings | undefined>;
};

/** Reads what was given; throws `usage` for a directory that is none. */
export async function openAgentGuard(
  ports: Ports,
  hub: Hub,
  given: {
    readonly leading: readonly string[];
    readonly rest: readonly string[];
    readonly allowOutside: readonly string[];
  },
): Promise<AgentGuard> {
  const leading = takeSettings(given.leading);
  const rest = takeSettings(given.rest);
  const settings = rest.settings ?? leading.settings;
  const folders = given.allowOutside.map((folder) => realFolder(hub, fromHere(ports, folder)));
  return {
    leading: leading.words,
    rest: rest.words,
    allowOutside: await Promise.all(folders),
    ownSettings: async (worktree) =>
      settings === undefined ? undefined : readSettings(ports, settings, worktree.path),
  };
}

async function realFolder({ folders }: Hub, path: string): Promise<string> {
  const real = await folders.real(path);
  const kind = real === undefined ? 'absent' : await folders.kind(real);
  if (real !== undefined && (kind === 'folder' || kind === 'empty-folder')) return real;
  throw failures.usage(
    `--allow-outside: ${path} is ${kind === 'absent' ? 'not there' : 'no directory'}`,
    'name a directory that exists',
  );
}

/** As claude reads it: the settings themselves, or the name of a file, relative to the directory that claude starts in. */
async function readSettings(ports: Ports, settings: string, cwd: string): Promise<OwnSettings> {
  const isFile = !isInline(settings);
  const path = settings.startsWith('/') ? settings : `${cwd}/${settings}`;
  const what = isFile ? `the settings in ${path}` : 'the settings after --settings';
  const parsed = OwnSettings.safeParse(parse(isFile ? await readFile(ports, path) : settings, what));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw failures.usage(`${what} are not claude's: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

async function readFile({ terminal }: Ports, path: string): Promise<string> {
  try {
    return await terminal.readFile(path);
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw failures.usage(
      `--settings: ${error.message}`,
      'name it by an absolute path, or relative to the worktree',
    );
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failures.usage(`${what} are not JSON: ${(error as Error).message}`);
  }
}
