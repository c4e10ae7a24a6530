import * as z from 'zod';
import { Status as AnyStatus } from '../status.ts';
import { ErrorBody, Warning } from '../warning.ts';
import { tail } from './common.ts';

const Status = AnyStatus.nullable();
const Addresses = z.array(z.string());
const part = {
  address: z.string(),
  id: z.string().nullable(),
  name: z.string().nullable(),
  status: Status,
  raw_status: z.string().nullable(),
  line: z.int(),
};

/** The normalised picture of a file: `wt orchestration show`. */
export const OrchestrationPicture = z.object({
  file: z.string(),
  workflow: z.object({
    id: z.string().nullable(),
    status: Status,
    raw_status: z.string().nullable(),
    project_id: z.string().nullable(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    line: z.int().nullable(),
  }),
  pipelines: z.array(z.object({ ...part, phases: Addresses })),
  phases: z.array(
    z.object({
      ...part,
      pipeline: z.string().nullable(),
      agents: Addresses,
      blocked_by: z.array(z.string()),
    }),
  ),
  agents: z.array(
    z.object({
      ...part,
      artifact: z.string().nullable(),
      runnable: z.boolean(),
      blocked_by: z.array(z.string()),
      reason: z.string().nullable(),
    }),
  ),
  barriers: z.array(z.object({ ...part, depends_on: z.array(z.string()) })),
  queue: z.array(
    z.object({ ...part, agents: Addresses, tasks: z.array(z.string()), blocked_by: z.array(z.string()) }),
  ),
  blockers: z.array(
    z.object({
      id: z.string().nullable(),
      description: z.string().nullable(),
      blocking: z.array(z.string()),
      line: z.int(),
    }),
  ),
  runnable: Addresses,
  statuses: z.array(z.object({ ...part, kind: z.string() })),
  ...tail,
});

/** What is odd in a file: `wt orchestration validate`. `error` is what keeps it from being read. */
export const OrchestrationFindings = z.object({
  file: z.string(),
  valid: z.boolean(),
  warnings: z.array(Warning.extend({ line: z.int().nullable(), address: z.string().nullable() })),
  errors: z.array(
    z.object({ code: z.string(), message: z.string(), line: z.int().nullable(), column: z.int().nullable() }),
  ),
  error: ErrorBody.nullable(),
});

/** A status that was set: `wt orchestration set`. Without lines it was so already, and nothing was written. */
export const OrchestrationChange = z.object({
  file: z.string(),
  address: z.string(),
  before: z.string().nullable(),
  after: z.string(),
  lines: z.array(z.int()),
  ...tail,
});

/** A new file: `wt orchestration init`. */
export const OrchestrationStart = z.object({
  file: z.string(),
  workflow_id: z.string(),
  project_id: z.string(),
  ...tail,
});

export const OrchestrationAnswer = z.union([
  OrchestrationPicture,
  OrchestrationFindings,
  OrchestrationChange,
  OrchestrationStart,
]);
export type OrchestrationAnswer = z.infer<typeof OrchestrationAnswer>;
export type OrchestrationPicture = z.infer<typeof OrchestrationPicture>;
export type OrchestrationFindings = z.infer<typeof OrchestrationFindings>;
export type OrchestrationChange = z.infer<typeof OrchestrationChange>;
export type OrchestrationStart = z.infer<typeof OrchestrationStart>;
