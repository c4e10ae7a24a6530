import { plainText } from './plain.ts';
import type { MarkdownTable } from './table.ts';

/** What the columns of a table are for, by their headers; `undefined` where it has none of the kind. */
export type Columns = {
  readonly names: readonly string[];
  readonly id: number;
  readonly title: number | undefined;
  readonly status: number | undefined;
  readonly parent: number | undefined;
  /** A table of properties: the row called Status has the status, in its second column. */
  readonly isProperties: boolean;
};

const properties = /^(?:field|property|attribute|key|item|metric|aspect|parameter|info|detail|)$/;
const values = /^(?:value|detail|details|setting|content|count|description|)$/;

/** What the columns of a table are for. */
export function columnsOf(table: MarkdownTable): Columns {
  const names = table.header.cells.map(({ text }) => plainText(text));
  const plain = names.map((name) =>
    name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}#/ _-]+/gu, '')
      .trim(),
  );
  const find = (...patterns: RegExp[]) => {
    for (const pattern of patterns) {
      const at = plain.findIndex((name) => pattern.test(name));
      if (at >= 0) return at;
    }
    return undefined;
  };
  const status = find(/^(?:current )?(?:status|state)$/, /\bstatus$/, /\bstatus\b/, /\bstate$/);
  const id = find(/^id$/, /(?:^|[ _-])id$/, /^(?:key|code|ref|identifier)$/) ?? (status === 0 ? 1 : 0);
  const title =
    find(/^(?:title|name|summary|topic)$/, /^(?:description|task|item|feature|decision|work item)$/) ??
    (status === id + 1 ? undefined : id + 1);
  const parent = find(/^parent$/, /\bparent\b/, /^(?:epic|feature|enabler|phase|belongs to)$/);
  const isProperties =
    status === undefined &&
    names.length === 2 &&
    properties.test(plain[0] ?? '') &&
    values.test(plain[1] ?? '');
  return {
    names,
    id,
    title: title === undefined || title === id || title >= names.length ? undefined : title,
    status,
    parent: parent === id ? undefined : parent,
    isProperties,
  };
}
