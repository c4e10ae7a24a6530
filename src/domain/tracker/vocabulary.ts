import * as z from 'zod';
import { canonicalStatuses } from '../orchestration/status.ts';

/** What a status means, whatever a file calls it. */
export const CanonicalStatus = z.enum(canonicalStatuses);
export type CanonicalStatus = z.infer<typeof CanonicalStatus>;
type Known = Exclude<CanonicalStatus, 'UNKNOWN'>;

/** What is written for a status, in any file; the words after the slash say it of certain things only. */
const spellings: Readonly<Record<Known, string>> = {
  PENDING:
    'pending|not started|todo|to do|open|planned|queued|backlog|scheduled|new|waiting / draft|proposed|upcoming|future|created|reopened|identified|under consideration',
  READY: 'ready / unblocked|available|ready to start',
  IN_PROGRESS:
    'in progress|inprogress|wip|started|running|doing|underway|working / active|ongoing|executing|in review|review|under review|in development|in work|in testing|testing|partial|partially complete|partially done|investigating|monitoring|mitigating',
  COMPLETE:
    'complete|completed|done|closed|finished|resolved / accepted|approved|validated|verified|pass|passed|merged|fixed|released|shipped|implemented|delivered|archived|ok|success|succeeded|successful|published|documented|decided|mitigated|confirmed',
  FAILED: 'failed|fail|failure / error|errored|rejected|failing|broken|timed out',
  BLOCKED: 'blocked|on hold|hold|paused|stalled|waiting on|suspended|impeded',
  SKIPPED:
    'skipped|skip / n/a|na|not applicable|deferred|postponed|migrated|moved|superseded|duplicate|replaced',
  CANCELLED:
    "cancelled|canceled / abandoned|dropped|wontfix|won't fix|wont fix|won't do|wont do|obsolete|deprecated|withdrawn|removed|invalid|retired|discarded",
};

const emoji: Readonly<Record<Known, string>> = {
  PENDING: '📋 ⏳ 🆕 ⬜ ☐ ⚪ 🔲 📝 🗓 📅 🕐 💤 [ ] :hourglass: :white_large_square: :clipboard:',
  READY: '🟦 🔓 :arrow_right:',
  IN_PROGRESS:
    '🔄 🚧 🏃 ▶ 🔃 ⚙ 🔨 🛠 🟡 🔵 ◐ ⏩ :construction: :arrows_counterclockwise: :hourglass_flowing_sand:',
  COMPLETE: '✅ ✔ ☑ ✓ 🟢 🎉 🏁 💯 🗄 [x] [X] :white_check_mark: :heavy_check_mark: :ballot_box_with_check:',
  FAILED: '❌ ✗ ✘ 💥 🔥 :x: :heavy_multiplication_x:',
  BLOCKED: '🚫 ⛔ 🛑 ⏸ 🔒 🔴 🟥 :no_entry: :no_entry_sign: :octagonal_sign: :lock:',
  SKIPPED: '⏭ ➡ :fast_forward:',
  CANCELLED: '🗑 ✖ 🚮 :wastebasket:',
};

type Meaning = { readonly status: Known; readonly isUsual: boolean };

const words = new Map<string, Meaning>(
  entries(spellings).flatMap(([status, text]) =>
    text
      .split(' / ')
      .flatMap((part, index) =>
        part.split('|').map((word) => [word, { status, isUsual: index === 0 }] as const),
      ),
  ),
);

const symbols = new Map<string, Known>(
  entries(emoji).flatMap(([status, text]) =>
    (text.match(/\[.\]|\S+/g) ?? []).map((symbol) => [symbol, status] as const),
  ),
);

function entries<T>(record: Readonly<Record<Known, T>>): [Known, T][] {
  return Object.entries(record) as [Known, T][];
}

/** What a word or two mean: `IN-PROGRESS`, `in_progress` and `In Progress` are the same. */
export function meaningOf(word: string): Meaning | undefined {
  const plain = word
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/[\s_-]+/g, ' ')
    .trim();
  return words.get(plain);
}

/** What an emoji, check box or other sign means. */
export const symbolMeaning = (symbol: string): Known | undefined =>
  symbols.get(symbol.replace(/\ufe0f|\u200d|[\u{1f3fb}-\u{1f3ff}]/gu, ''));

/** The sign that people put before a status. */
export const usualSymbol = (status: Known): string => (/\[.\]|\S+/.exec(emoji[status]) ?? [''])[0];
