import { plainText } from './plain-text.ts';

/** So much of a check's output is recorded, and told to the agent. */
const mostOfCheck = 8 * 1024;

/** The end of what a command wrote, for people and agents: whole characters and lines, no control sequences. */
export function outputEnd(bytes: Uint8Array, isCut: boolean, mostBytes = mostOfCheck): string {
  const lines = decoded(bytes).replaceAll('\r\n', '\n').split('\n');
  // A bare carriage return begins the line anew, as progress bars do.
  const text = plainText(lines.map((line) => line.slice(line.lastIndexOf('\r') + 1)).join('\n'));
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= mostBytes && !isCut) return text;
  const end = decoded(encoded.subarray(Math.max(0, encoded.length - mostBytes)));
  return `…${end.slice(end.slice(0, -1).indexOf('\n') + 1)}`;
}

/** Beginning with the first byte that begins a character. */
function decoded(bytes: Uint8Array): string {
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return new TextDecoder().decode(start <= 0 ? bytes : bytes.subarray(start));
}
