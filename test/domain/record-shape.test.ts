import { describe, expect, it } from 'vitest';
import { DispatchRecord } from '../../src/domain/dispatch.ts';
import { ListedRecord } from '../../src/domain/record-shape.ts';
import { aRecord } from '../support/records.ts';

const plain = (record: DispatchRecord) => JSON.parse(JSON.stringify(record));
const outcome = (parse: (value: unknown) => unknown, value: unknown) => {
  try {
    return parse(value);
  } catch (error) {
    return (error as { issues: readonly { path: unknown }[] }).issues.map(({ path }) => path);
  }
};
const bothOf = (value: unknown) =>
  [DispatchRecord, ListedRecord].map((schema) => outcome((each) => schema.parse(each), value));

describe('a record in a list of many', () => {
  it('is the same as by the whole schema, without its cost where the run has ended', () => {
    const ended = plain(aRecord());
    expect(ListedRecord.parse(ended)).toBe(ended);
    expect(ended).toEqual(DispatchRecord.parse(ended));
    const running = plain(aRecord({ phase: 'running' }));
    expect(ListedRecord.parse(running)).not.toBe(running);
    expect(ListedRecord.parse(running)).toEqual(running);
  });

  const record = plain(aRecord());
  const keys = [
    ...Object.keys(record).map((key) => [key]),
    ...Object.keys(record.dispatch).map((key) => ['dispatch', key]),
    ...Object.keys(record.request).map((key) => ['request', key]),
  ];
  it('is refused or mended as there where anything in it is wrong', () => {
    for (const path of keys) {
      for (const wrong of [undefined, 7.5, 'x', [], {}, true]) {
        const damaged = plain(record);
        const parent = path.length === 1 ? damaged : damaged[path[0] ?? ''];
        const key = path.at(-1) ?? '';
        if (wrong === undefined) delete parent[key];
        else parent[key] = wrong;
        const [whole, listed] = bothOf(damaged);
        // It does not look at formats: text stands for a time, and a broken number for a whole one.
        const isFormat = listed === damaged && (wrong === 'x' || wrong === 7.5);
        if (!isFormat) expect([path, wrong, listed]).toEqual([path, wrong, whole]);
      }
    }
  });
});
