import { isSha } from './object-id.ts';
import type { Receipt, WorktreeFacts } from './worktree-facts.ts';

type Shape<T> = { readonly [K in keyof Required<T>]: (value: unknown) => boolean };

const isText = (value: unknown) => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isAbsent = (value: unknown) => value === undefined;
const isId = (value: unknown) => typeof value === 'string' && isSha(value);

const receipt: Shape<Receipt> = {
  step: isText,
  fingerprint: isText,
  status: (value) => value === 'ran' || value === 'skipped' || value === 'failed',
  command: isTextOrNull,
  at: isText,
};

const facts: Shape<WorktreeFacts> = {
  version: (value) => value === 1,
  project_id: isTextOrNull,
  variable: isTextOrNull,
  base: isTextOrNull,
  base_ref: isText,
  base_sha: isId,
  branch_created: isFlag,
  branch: isText,
  created_at: isText,
  share_venv: isFlag,
  address: isTextOrNull,
  orchestration: (value) => isAbsent(value) || isTextOrNull(value),
  receipts: (value) => Array.isArray(value) && value.every((each) => has(each, receipt)),
  provisioned: (value) => isAbsent(value) || isFlag(value),
};

const has = <T>(value: unknown, shape: Shape<T>): value is T =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).every((key) => key in shape) &&
  (Object.keys(shape) as (keyof T)[]).every((key) => shape[key]((value as T)[key]));

/**
 * The facts in a `wt.json` as this version writes it, which the schema would give as they are. `undefined` of
 * anything else, which may be an older record: that is for the schema, which takes longer to load.
 */
export const plainFacts = (value: unknown): WorktreeFacts | undefined =>
  has(value, facts) ? value : undefined;
