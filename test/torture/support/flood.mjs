// A claude that says a great deal: the prompt is {"marks": [megabytes, …], "line": bytes per event}. At each mark it
// waits for the file $WT_TORTURE_EVIDENCE/go-<mark>, so that its reader can be measured when it has caught up.
import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const words = process.argv.slice(2);
const session_id = words[words.indexOf('--session-id') + 1];
const folder = process.env.WT_TORTURE_EVIDENCE;
const { marks, line } = JSON.parse(readFileSync(0, 'utf8'));

let written = 0;
const put = (text) => {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; ) from += writeSync(1, bytes, from);
  written += bytes.length;
};
const emit = (event) => put(`${JSON.stringify({ ...event, session_id })}\n`);

emit({ type: 'system', subtype: 'init', cwd: process.cwd(), model: 'flood' });
let number = 0;
for (const mark of marks) {
  while (written < mark * 1024 * 1024) {
    number += 1;
    // Three kinds of text, so that neither reader nor compiler sees only one shape.
    const text = `${number} ${['a', 'ß', '{"type":"result"} '][number % 3].repeat(line / 2)}`.slice(0, line);
    const tool = { type: 'tool_use', id: `toolu_${number}`, name: 'Bash', input: { command: text } };
    const result = { type: 'tool_result', tool_use_id: `toolu_${number}`, content: text };
    emit({ type: 'assistant', message: { id: `msg_${number}`, role: 'assistant', content: [tool] } });
    emit({ type: 'user', message: { role: 'user', content: [result] } });
  }
  writeFileSync(join(folder, `at-${mark}`), String(written));
  while (!existsSync(join(folder, `go-${mark}`))) await sleep(20);
}
writeFileSync('flooded.txt', `${written}\n`);
const spent = { num_turns: number, duration_ms: 1, total_cost_usd: 0.01, permission_denials: [] };
emit({ type: 'result', subtype: 'success', is_error: false, result: 'done', ...spent });
