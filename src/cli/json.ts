/** What `--json` prints: one indented document. */
export const jsonDocument = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A line of `--ndjson`. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
