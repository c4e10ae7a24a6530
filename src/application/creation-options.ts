import * as z from 'zod';
import { type CreationRequest, refuseDuplicates } from '../domain/creation.ts';
import { failures } from '../domain/failure.ts';
import { nameWorktree } from '../domain/naming.ts';
import type { StoredBinding } from '../domain/orchestration/binding.ts';
import type { Warning } from '../domain/warning.ts';
import { fetchBase } from './base-fetch.ts';
import { bindingFlags } from './binding.ts';
import type { Hub, Ports } from './ports.ts';
import type { CreationOptions } from './registration.ts';

/** The options of a creation, as `create` and what creates otherwise take them. */
export const creationFlags = [
  { flags: '--base <ref>', summary: 'start from this branch, tag or commit; else the default branch' },
  { flags: '--path <dir>', summary: 'put it there' },
  { flags: '-b, --branch <name>', summary: 'name the branch so' },
  { flags: '--existing', summary: 'check out a branch that is there already, here or on a remote' },
  { flags: '--fetch', summary: 'fetch the remote of the base first' },
  { flags: '--no-provision', summary: 'only check out' },
  { flags: '--share-venv', summary: "link the main worktree's .venv instead of making one" },
  ...bindingFlags,
] as const;

/** What those options, and the names before them, parse to. */
export const CreationInput = z.object({
  idOrBranch: z.array(z.string()).min(1),
  base: z.string().min(1, 'the base is empty').optional(),
  path: z
    .string()
    .min(1, 'the path is empty')
    .refine((path) => !path.includes('\uFFFD'), 'the path holds bytes that are not UTF-8')
    .optional(),
  branch: z.string().optional(),
  existing: z.boolean().default(false),
  fetch: z.boolean().default(false),
  provision: z.boolean().default(true),
  shareVenv: z.boolean().default(false),
  address: z.string().trim().min(1, 'the address is empty').optional(),
  orchestration: z.string().min(1, 'the file is empty').optional(),
});
export type CreationInput = z.infer<typeof CreationInput>;

/** How the worktrees of one command are made, where the configuration fills in what was not said. */
export async function creationOptions(
  ports: Ports,
  input: CreationInput,
  bound: StoredBinding | undefined,
): Promise<CreationOptions> {
  const { config } = await ports.config();
  return {
    base: input.base ?? config.base,
    provision: input.provision,
    shareVenv: input.shareVenv || config.provision.share_venv,
    bound,
    variable: config.naming.variable,
  };
}

/** Fetches the base where that was asked for, by flag or configuration; gives what is to be warned of. */
export async function fetchFirst(
  ports: Ports,
  hub: Hub,
  { fetch }: CreationInput,
  base: string | undefined,
): Promise<readonly Warning[]> {
  const { config } = await ports.config();
  return fetch || config.create.fetch ? fetchBase(ports, hub, base, { asked: fetch }) : [];
}

/** Names every worktree of the command, all checked before anything is done. */
export async function nameRequests(
  ports: Ports,
  hub: Hub,
  input: CreationInput,
): Promise<readonly CreationRequest[]> {
  const { repository, folders } = hub;
  const { idOrBranch: names, path, branch, existing } = input;
  if (names.length > 1 && (path !== undefined || branch !== undefined)) {
    const flag = path === undefined ? '--branch' : '--path';
    throw failures.usage(`${flag} is for one worktree, and ${names.length} were named`);
  }
  if (names.length > 1 && input.address !== undefined) throw failures.sharedAddress(names.length);
  const { config } = await ports.config();
  const requests: CreationRequest[] = [];
  for (const name of names) {
    const named = nameWorktree(name, config.naming, repository, { branch, path });
    const place = await folders.place(named.path, ports.environment.cwd(), ports.environment.home);
    // A bare hub is a folder that people do keep worktrees in.
    if (!repository.bare && `${place.path}/`.startsWith(`${repository.commonDir}/`))
      throw failures.usage(`${place.path} is inside the git folder`, 'choose another with --path <dir>');
    requests.push({ ...named, path: place.path, existing, branchGiven: branch !== undefined });
  }
  refuseDuplicates(requests);
  return requests;
}
