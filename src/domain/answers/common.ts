import * as z from 'zod';
import { ErrorBody, Warning } from '../warning.ts';

/** RFC 3339 UTC with milliseconds. */
export const Timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** The two keys that every element of every answer ends with. */
export const tail = { warnings: z.array(Warning), error: ErrorBody.nullable() };

/** A git object id in an answer. */
export const Id = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** The document that a command which began nothing answers with. */
export const ErrorDocument = z.object({ error: ErrorBody });
