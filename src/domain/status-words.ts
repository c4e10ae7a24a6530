import type { KnownStatus } from './status.ts';

/** What is written for a status, in any file; the words after the slash say it of certain things only. */
const spellings: Readonly<Record<KnownStatus, string>> = {
  PENDING:
    'pending|not started|notstarted|unstarted|not yet started|not begun|todo|to do|open|planned|planning|queued|backlog|scheduled|new|waiting / draft|proposed|upcoming|future|created|assigned|initialized|initialised|reopened|identified|under consideration|not run',
  READY: 'ready / runnable|unblocked|available|ready to start',
  IN_PROGRESS:
    'in progress|inprogress|wip|work in progress|started|running|doing|underway|under way|working|in flight|begun / active|ongoing|executing|dispatched|in review|review|reviewing|under review|in revision|revision|revise|revising|rework|reworking|retrying|resumed|iterating|in development|in work|in testing|testing|partial|partially complete|partially completed|partially done|partial complete|partial pass|mostly complete|mostly done|nearly complete|nearly done|almost complete|almost done|investigating|monitoring|mitigating',
  COMPLETE:
    'complete|completed|done|closed|finished|resolved / accepted|approved|conditionally approved|signed off|ratified|validated|verified|satisfied|pass|passed|passing|all pass|all passed|all gates pass|all gates passed|gate passed|all complete|all completed|all done|all phases complete|fully complete|workflow complete|merged|fixed|released|shipped|deployed|implemented|delivered|archived|ok|okay|success|succeeded|successful|executed|published|documented|decided|mitigated|confirmed',
  FAILED:
    'failed|fail|failure / error|errored|rejected|failing|gate failed|unsuccessful|broken|crashed|timeout|timed out',
  BLOCKED:
    'blocked|on hold|hold|paused|stalled|suspended|impeded / waiting on|waiting for|escalated|parked|halted|needs review|needs input|needs approval|needs decision|ready for review|awaiting|awaiting approval|awaiting review|awaiting user|awaiting input|awaiting decision|pending approval|pending review|pending user|pending user approval|pending human review|pending input|pending decision',
  SKIPPED:
    'skipped|skip / n/a|na|n a|not applicable|not needed|not required|verified na|waived|optional skipped|deferred|postponed|migrated|moved|duplicate|replaced',
  CANCELLED:
    "cancelled|canceled / abandoned|aborted|dropped|wontfix|won't fix|wont fix|won't do|wont do|superseded|obsolete|deprecated|withdrawn|removed|invalid|retired|discarded",
};

const emoji: Readonly<Record<KnownStatus, string>> = {
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

/** A sign at the beginning of a text: an emoji, a check box, or the name of one in colons. */
export const sign =
  /^(?:\[[ xX]\](?!\()|:[a-z_]+:|(?:[\u{1f1e6}-\u{1f1ff}]{2}|[\p{Extended_Pictographic}\u2580-\u27bf\u2b00-\u2bff])\ufe0f?[\u{1f3fb}-\u{1f3ff}]?(?:\u200d\p{Extended_Pictographic}\ufe0f?)*)/u;

/** What a word says; `isUsual` when it says it of anything, as `done` does, and not of decisions or tests only. */
export type Meaning = { readonly status: KnownStatus; readonly isUsual: boolean };

const words: ReadonlyMap<string, Meaning> = new Map(
  entries(spellings).flatMap(([status, text]) =>
    text
      .split(' / ')
      .flatMap((part, index) =>
        part.split('|').map((word) => [word, { status, isUsual: index === 0 }] as const),
      ),
  ),
);

const symbols = new Map<string, KnownStatus>(
  entries(emoji).flatMap(([status, text]) =>
    (text.match(/\[.\]|\S+/g) ?? []).map((symbol) => [symbol, status] as const),
  ),
);

function entries<T>(record: Readonly<Record<KnownStatus, T>>): [KnownStatus, T][] {
  return Object.entries(record) as [KnownStatus, T][];
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
export const symbolMeaning = (symbol: string): KnownStatus | undefined =>
  symbols.get(symbol.replace(/\ufe0f|\u200d|[\u{1f3fb}-\u{1f3ff}]/gu, ''));

/** The sign that people put before a status. */
export const usualSymbol = (status: KnownStatus): string => (/\[.\]|\S+/.exec(emoji[status]) ?? [''])[0];
