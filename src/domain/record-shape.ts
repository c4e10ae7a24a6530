import * as z from 'zod';
import { DispatchRecord } from './dispatch.ts';

type Check = (value: unknown) => boolean;

/**
 * What a value of a schema looks like from outside: keys, kinds and the words of enumerations, but no formats and
 * nothing inside of lists. `undefined` for kinds that are not known here.
 */
function outline(schema: z.core.$ZodType): Check | undefined {
  const { def } = schema._zod;
  const word = def as unknown as { innerType: z.core.$ZodType; entries: object; values: unknown[] };
  const { innerType, entries, values } = word;
  switch (def.type) {
    case 'string':
    case 'boolean':
    case 'number':
      return (value) => typeof value === def.type;
    case 'array':
      return Array.isArray;
    case 'record':
      return isPlain;
    case 'enum':
      return (value) => Object.values(entries).includes(value);
    case 'literal':
      return (value) => values.includes(value);
    case 'unknown':
      return (value) => value !== undefined;
    case 'default':
      return outline(innerType); // where it is missing the whole schema puts it in
    case 'nullable':
    case 'optional': {
      const inner = outline(innerType);
      const nothing = def.type === 'nullable' ? null : undefined;
      return inner === undefined ? undefined : (value) => value === nothing || inner(value);
    }
    case 'object':
      return schema instanceof z.ZodObject ? objectOutline(schema) : undefined;
    default:
      return undefined;
  }
}

function objectOutline({ shape }: z.ZodObject): Check | undefined {
  const checks = Object.entries(shape).map(([key, schema]) => [key, outline(schema)] as const);
  if (checks.some(([, check]) => check === undefined)) return undefined;
  return (value) => isPlain(value) && checks.every(([key, check]) => check?.(value[key]));
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

let check: Check | undefined;

/**
 * A record as it stands in a list of many. One that has ended and looks as wt wrote it is taken as it is: of a
 * thousand records the whole schema takes ten times as long as reading them.
 */
export const ListedRecord = {
  parse: (value: unknown): DispatchRecord => {
    check ??= objectOutline(DispatchRecord) ?? (() => false);
    return check(value) && (value as DispatchRecord).phase === 'ended'
      ? (value as DispatchRecord)
      : DispatchRecord.parse(value);
  },
};
