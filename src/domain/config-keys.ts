import * as z from 'zod';
import { Config, type KeyNotes, keyNotes } from './config.ts';

/** One setting: its place in the file, its variable, and what it means. */
export type ConfigKey = KeyNotes & {
  /** The keys of the file from the outside in, joined by dots. */
  readonly name: string;
  readonly path: readonly string[];
  /** The `WT_*` variable that sets it. */
  readonly variable: string;
  readonly description: string;
  /** What its variable's text is read as before the schema judges it. */
  readonly text: 'boolean' | 'number' | 'list' | 'text';
  readonly schema: z.ZodType;
};

const inner = (schema: z.core.$ZodType): z.core.$ZodType => {
  const { def } = schema._zod;
  if ('innerType' in def) return inner(def.innerType as z.core.$ZodType);
  return 'in' in def ? inner(def.in as z.core.$ZodType) : schema;
};

const textOf = (schema: z.core.$ZodType): ConfigKey['text'] => {
  const { type } = inner(schema)._zod.def;
  if (type === 'boolean' || type === 'number') return type;
  return type === 'union' ? 'list' : 'text';
};

function keysOf(schema: z.core.$ZodType, path: readonly string[]): ConfigKey[] {
  const at = inner(schema);
  if (at instanceof z.ZodObject)
    return Object.entries(at.shape).flatMap(([key, value]) => keysOf(value, [...path, key]));
  if (!(schema instanceof z.ZodType)) throw new TypeError(`${path.join('.')} is no schema`);
  return [
    {
      ...keyNotes.get(schema),
      name: path.join('.'),
      path,
      variable: `WT_${path.join('_').toUpperCase()}`,
      description: schema.description ?? '',
      text: textOf(schema),
      schema,
    },
  ];
}

/** Every setting, in the order of the file. */
export const configKeys: readonly ConfigKey[] = keysOf(Config, []).filter(({ name }) => name !== 'version');
