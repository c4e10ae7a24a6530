import * as z from 'zod';
import { failures } from './failure.ts';

/** A project id such as `PROJ-006-multi-instance`. */
export const ProjectId = z.string().min(1).brand<'ProjectId'>();
export type ProjectId = z.infer<typeof ProjectId>;

/** The default shape: number 001 to 999 and a lower-case slug of at most 50 characters. */
export const defaultProjectPattern = '^PROJ-\\d{3}-[a-z][a-z0-9]*(-[a-z0-9]+)*$';

const slugLimit = 50;

/** Whether a name claims to be a project id, in any case: then it has to be a valid one. */
export const claimsProject = (name: string, pattern: string): boolean =>
  pattern === defaultProjectPattern ? /^proj-/i.test(name) : new RegExp(pattern).test(name);

/** The id, checked against the pattern; throws `invalid_project_id` with the part that is wrong. */
export function parseProjectId(name: string, pattern: string = defaultProjectPattern): ProjectId {
  if (pattern !== defaultProjectPattern) {
    if (new RegExp(pattern).test(name)) return name as ProjectId;
    throw failures.invalidProjectId(name, `it does not match ${pattern}`);
  }
  const why = fault(name);
  if (why !== undefined) throw failures.invalidProjectId(name, why);
  return name as ProjectId;
}

function fault(name: string): string | undefined {
  const parts = /^(PROJ)-([^-]*)(?:-(.*))?$/s.exec(name);
  if (parts === null) return 'it begins with PROJ- in capitals';
  const [, , number = '', slug] = parts;
  if (!/^\d{3}$/.test(number)) return `the number '${number}' is three digits, as in PROJ-006`;
  if (number === '000') return 'numbers begin at 001';
  if (slug === undefined || slug === '') return `a slug follows the number, as in PROJ-${number}-fix-login`;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slug)) {
    return `the slug '${slug}' is lower-case words of a-z and 0-9 joined by single '-'`;
  }
  return slug.length > slugLimit ? `the slug has ${slug.length} characters, ${slugLimit} at most` : undefined;
}

/** The bare number of a project id (`6` for PROJ-006-x), by which a person may name it. */
export const projectNumber = (id: string): number | undefined => {
  const digits = /^[A-Za-z]+-(\d+)(?:-|$)/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
};
