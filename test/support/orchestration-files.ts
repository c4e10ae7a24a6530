import fc from 'fast-check';

/** A generated file, and the statuses that are in it, as a reader sees them. */
export type GeneratedFile = { readonly text: string; readonly raws: readonly string[] };

type Lines = { readonly lines: readonly string[]; readonly raws: readonly string[] };
type Quote = 'plain' | 'single' | 'double';

const words = fc.constantFrom(
  'PENDING',
  'complete',
  'Läuft noch',
  'DONE ✅',
  'IN_PROGRESS',
  "it's",
  'a "b" c',
  '完了',
  'x#y',
  '7up',
  'NOT_STARTED',
);
const needy = fc.constantFrom('half: way', '- no', 'a #b', '1.0', 'null', ' spaced ', '{STATUS}', '');
const word = fc.oneof({ weight: 6, arbitrary: words }, { weight: 1, arbitrary: needy });
const ids = fc.constantFrom(
  'agent-1',
  'agent-1',
  '1',
  '2.0',
  'a.b',
  'a/b',
  'a/',
  'ä-完',
  'x[1]',
  'x',
  'true',
  'b: c',
  'workflow',
  'agents',
);
const gap = fc.constantFrom('', '', '', ' # status: no', '   # aligned: [', '\t# tab\there', ' # ✅ "');
const extra = fc.constantFrom<(readonly string[])[]>(
  [],
  ['updated_at: "2026-01-01"'],
  ['updated_at: null  # never', 'started_at:', 'completed_at: ~'],
  ['description: >', '  status: this is text', '', '  # and no comment'],
  ["artifact: 'a/ä.md'   # there"],
  ['text: |-', '    status: "no"'],
  ['completed_at: 2026-01-01', 'completed_at: null'],
  ['inputs: [ {status: [x]}, [a,  b] ]'],
  ['"quoted key": &anchor', '  deep: 1', "'other key': *anchor"],
  ['? complex', ': value', 'blocked_by: []'],
);

const needs = (text: string) => !/^[\p{L}\d][^:#]*$/u.test(text) || /^(?:1\.0|null)$|\s$/.test(text);
const isPlainId = (text: string) => /^[\p{L}\d][\p{L}\d./-]*$/u.test(text);

/** A text as YAML, in one of the styles that a file uses. */
function quoted(text: string, quote: Quote): string {
  if (quote === 'plain' && !needs(text)) return text;
  return quote === 'single' ? `'${text.replaceAll("'", "''")}'` : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
const idText = (text: string) => (isPlainId(text) ? text : `"${text.replaceAll('"', '\\"')}"`);

type Part = {
  readonly id: string;
  readonly word: string;
  readonly quote: Quote;
  readonly gap: string;
  readonly extra: readonly string[];
  readonly shape: 'list' | 'flow' | 'status-first' | 'block' | 'folded' | 'twice' | 'unsaid';
};
const part = (quotes: fc.Arbitrary<Quote>): fc.Arbitrary<Part> =>
  fc.record({
    id: ids,
    word,
    quote: quotes,
    gap,
    extra,
    shape: fc.constantFrom('list', 'list', 'flow', 'status-first', 'block', 'folded', 'twice', 'unsaid'),
  });

const by = (indent: string, lines: readonly string[]) =>
  lines.map((line) => (line === '' ? '' : indent + line));
const joined = (all: readonly Lines[]): Lines => ({
  lines: all.flatMap(({ lines }) => lines),
  raws: all.flatMap(({ raws }) => raws),
});
const under = (key: string, { lines, raws }: Lines, gap = ''): Lines => ({
  lines: lines.length === 0 ? [`${key}:${gap}`] : [`${key}:${gap}`, ...by('  ', lines)],
  raws,
});

/** The lines of what has a status, without the dash or the key that they stand behind. */
function body({ word, quote, gap, extra, shape }: Part, id: readonly string[]): Lines {
  const text = quoted(word, quote);
  switch (shape) {
    case 'flow':
      return {
        lines: [`{${[...id, `status: ${flowText(word, quote)}`].join(', ')}  , b: [1,2]}${gap}`],
        raws: [word],
      };
    case 'status-first':
      return { lines: [`status: ${text}${gap}`, ...id, ...extra], raws: [word] };
    case 'block':
    case 'folded': {
      const line = word.trim() === '' ? 'x' : word.trim();
      const header = shape === 'block' ? '|' : '>-';
      return {
        lines: [...id, `status: ${header}${gap}`, `    ${line}`, 'after: 1'],
        raws: [shape === 'block' ? `${line}\n` : line],
      };
    }
    case 'twice':
      return { lines: [...id, 'status: "first"', ...extra, `"status" : ${text}${gap}`], raws: [word] };
    case 'unsaid':
      return { lines: [...id, ...extra.filter((line) => !line.includes('status'))], raws: [] };
    default:
      return { lines: [...id, `status:  ${text}${gap}`, ...extra], raws: [word] };
  }
}
const flowText = (word: string, quote: Quote) =>
  quote === 'plain' && /^[\w ]+$/.test(word) && !needs(word)
    ? word
    : quoted(word, quote === 'single' ? 'single' : 'double');

function inList(parts: readonly Part[], key: string): Lines {
  return joined(
    parts.map((each) => {
      const { lines, raws } = body(each, [`${key}: ${idText(each.id)}`]);
      const [first = '', ...rest] = lines;
      return { lines: [`- ${first}`, ...by('  ', rest)], raws };
    }),
  );
}

/** Parts under their ids as keys; of those with the same id readers see the last. */
function inMap(parts: readonly Part[]): Lines {
  const last = new Map(parts.map((each) => [each.id, each]));
  const all = parts.map((each) => {
    const { lines, raws } = body(each, ['role: x']);
    const own = { lines, raws: last.get(each.id) === each ? raws : [] };
    return each.shape === 'flow'
      ? { ...own, lines: [`${idText(each.id)}: ${lines[0]}`] }
      : under(idText(each.id), own, each.gap);
  });
  return joined(all);
}

/** `id: STATUS`: one of the words has to be known to be one. */
function inRoll(parts: readonly Part[]): Lines {
  const some = [...new Map(parts.map((each) => [each.id, each])).values()].filter(
    ({ id }) => !/^(?:workflow|agents)$/.test(id),
  );
  const known = { word: 'DONE', quote: 'double' as const, gap: '' };
  const all = [{ id: 'known-1', ...known }, { id: 'known-2', ...known }, ...some];
  return {
    lines: all.map(({ id, word, quote, gap }) => `${idText(id)}: ${quoted(word, quote)}${gap}`),
    raws: all.map(({ word }) => word),
  };
}

type Agents = { readonly parts: readonly Part[]; readonly way: string };
function agentLines({ parts, way }: Agents): Lines {
  if (way === 'none') return { lines: ['agents:'], raws: [] };
  if (way === 'empty') return { lines: ['agents: []   # none yet'], raws: [] };
  if (way === 'map')
    return parts.length === 0 ? { lines: ['agents: {}'], raws: [] } : under('agents', inMap(parts));
  if (way === 'roll') return under('agents', inRoll(parts));
  if (way === 'review') return under('review_agents', inList(parts, 'name'), ' # two');
  return under('agents', inList(parts, 'id'));
}

const sectionOf = (quotes: fc.Arbitrary<Quote>): fc.Arbitrary<Lines> =>
  fc
    .record({
      shape: fc.constantFrom(
        'pipelines',
        'pipeline',
        'agents',
        'phases',
        'phase map',
        'enablers',
        'streams',
        'queue',
      ),
      phases: fc.array(
        fc.record({
          part: part(quotes),
          agents: fc.record({
            parts: fc.array(part(quotes), { maxLength: 3 }),
            way: fc.constantFrom('list', 'list', 'map', 'roll', 'review', 'none', 'empty'),
          }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    })
    .map(({ shape, phases }) => {
      const listed = (key: string): Lines =>
        joined(
          phases.map(({ part: own, agents }): Lines => {
            const shaped = own.shape === 'flow' ? { ...own, shape: 'list' as const } : own;
            const head = body(shaped, [`${key}: ${idText(own.id)}`]);
            const inside = agentLines(agents);
            const [first = '', ...rest] = [...head.lines, ...inside.lines];
            return { lines: [`- ${first}`, ...by('  ', rest), ''], raws: [...head.raws, ...inside.raws] };
          }),
        );
      const [{ agents } = { agents: { parts: [], way: 'none' } }] = phases;
      if (shape === 'agents') return agentLines(agents);
      if (shape === 'pipelines') return under('pipelines', under('p_1', under('phases', listed('id'))));
      if (shape === 'pipeline') return under('pipeline', under('phases', listed('phase')));
      if (shape === 'phases') return under('phases', listed('id'), '  # all');
      if (shape === 'phase map') return under('phases', under('"phase one"', agentLines(agents)));
      if (shape === 'enablers') return under('enablers', listed('id'));
      if (shape === 'streams') return under('phases', under('- id: 1\n  streams', listed('id')));
      const names = phases.flatMap(({ agents: { parts } }) => parts.map(({ id }) => idText(id)));
      const groups = [
        '- id: g',
        `  agents: [${names.join(', ')}]`,
        '- id: h',
        '  status: "READY"',
        '  agents:',
        ...names.map((name) => `    - ${name}`),
      ];
      return under('execution_queue', under('groups', { lines: groups, raws: ['READY'] }));
    })
    .map(({ lines, raws }) => ({ lines: lines.flatMap((line) => split(line)), raws }));

/** A line that was written as two, each with the indentation of the first. */
function split(line: string): string[] {
  const [indent = ''] = /^ */.exec(line) ?? [];
  const [first = '', ...rest] = line.split('\n');
  return [first, ...rest.map((each) => indent + each)];
}

/** A file in one of the shapes that are seen in the wild; its statuses are written in at most two styles. */
export const generatedFile: fc.Arbitrary<GeneratedFile> = fc
  .constantFrom<Quote[][]>(
    ['double'],
    ['plain', 'double'],
    ['plain', 'single'],
    ['single', 'double'],
    ['double', 'plain'],
  )
  .chain((styles) =>
    fc.record({
      workflow: fc.boolean(),
      start: fc.constantFrom('', '', '---', '# a file\t# with tabs'),
      // Most in one style, as in files that people write.
      section: sectionOf(fc.constantFrom(...styles, ...styles.slice(0, 1))),
      ending: fc.constantFrom('\n', '\n', '\r\n'),
      bom: fc.boolean(),
      end: fc.boolean(),
    }),
  )
  .map(({ workflow, start, section, ending, bom, end }) => {
    const lines = [
      ...(start === '' ? [] : [start]),
      '# comment  ',
      ...(workflow
        ? ['workflow:', '    id: w', '    status: "ACTIVE"   # now', '    updated_at: "2026-01-01T00:00:00Z"']
        : []),
      '',
      ...section.lines,
      'last: [ a,b ]   # end',
    ];
    const text = `${bom ? '\uFEFF' : ''}${lines.join(ending)}${end ? ending : ''}`;
    return { text, raws: [...(workflow ? ['ACTIVE'] : []), ...section.raws] };
  });
