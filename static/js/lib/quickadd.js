// What a line such as "Call Nordwind tomorrow 10:00" means: the kind of activity
// by its first word, a day and a time at its end; the rest is what is to be done.
import { isoDay, now, zoned } from './format.js';
import { locale } from './i18n.js';

const KIND_WORDS = { call: ['call', 'ring', 'phone', 'anruf', 'anrufen', 'telefonat'], meeting: ['meet', 'meeting', 'visit', 'termin', 'treffen', 'besuch'], email: ['email', 'e-mail', 'mail', 'mailen'] };
const DAY_WORDS = { today: 0, heute: 0, tomorrow: 1, morgen: 1, 'übermorgen': 2 };
const SMALL = /^(on|at|um|am)$/i;

const plus = (days) => { const d = now(); d.setDate(d.getDate() + days); return d; };

/** Weekdays in English and the reader's language, in full or as three letters; as two, in German, beside a time. */
function weekday(word, timed) {
  for (let i = 1; i <= 7; i++) {
    const d = plus(i);
    for (const lang of ['en', locale.value]) {
      const name = d.toLocaleDateString(lang, { weekday: 'long' }).toLowerCase();
      const short = word.length === 3 || (timed && word.length === 2 && lang !== 'en');
      if (word === name || (short && name.startsWith(word))) return d;
    }
  }
  return null;
}

/** "24.12.", "24.12.2026", "24/12", "2026-12-24" as a day that is not over, if it is one. */
function written(word) {
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(word);
  const short = /^(\d{1,2})[./](\d{1,2})(?:[./](\d{4})?)?$/.exec(word);
  if (!iso && !short) return null;
  const [y, m, d] = iso ? iso.slice(1).map(Number) : [Number(short[3] ?? now().getFullYear()), Number(short[2]), Number(short[1])];
  const day = new Date(y, m - 1, d, 12);
  if (day.getMonth() !== m - 1 || day.getDate() !== d) return null;
  if (short && !short[3] && isoDay(day) < isoDay()) day.setFullYear(y + 1);
  return day;
}

const dayOf = (word, timed) => (word in DAY_WORDS ? plus(DAY_WORDS[word]) : weekday(word, timed) ?? written(word));

/** "10:00", "9.30", "10am", "3:15pm", "10h" as hours and minutes. */
function timeOf(word) {
  const m = /^(\d{1,2})(?:[:.](\d\d))?(am|pm|h|uhr)?$/.exec(word);
  if (!m || (!m[2] && !m[3]) || m[1] > 23 || (m[2] ?? 0) > 59 || ((m[3] === 'am' || m[3] === 'pm') && (m[1] > 12 || m[1] < 1))) return null;
  const hour = m[3] === 'pm' ? (Number(m[1]) % 12) + 12 : m[3] === 'am' ? Number(m[1]) % 12 : Number(m[1]);
  return `${String(hour).padStart(2, '0')}:${m[2] ?? '00'}`;
}

/** Day and time at the end of the words, and how many words are before them. */
function ending(words) {
  let [day, time, end] = [null, null, words.length];
  while (end > 1) {
    const word = words[end - 1].toLowerCase();
    const hour = !time && word === 'uhr' ? timeOf(`${words[end - 2]}uhr`) : null;
    const at = hour ?? (time ? null : timeOf(word));
    const on = at || day ? null : dayOf(word, Boolean(time));
    if (!at && !on) break;
    time = at ?? time;
    day = on ?? day;
    end -= hour ? 2 : 1;
    if (end > 1 && SMALL.test(words[end - 1])) end -= 1;
  }
  return { day, time, end: Math.max(end, 1) };
}

/** { kind, subject, name, due } of a line: `name` is the subject without the word of the kind; `due` is missing without a day or a time. */
export function understand(line, kinds) {
  const words = line.trim().split(/\s+/).filter(Boolean);
  const first = words[0]?.toLowerCase() ?? '';
  const kind = kinds.find((k) => KIND_WORDS[k]?.includes(first)) ?? 'task';
  const { day, time, end } = ending(words);
  const on = isoDay(day ?? now());
  return { kind, subject: words.slice(0, end).join(' '), name: words.slice(kind === 'task' ? 0 : 1, end).join(' '), ...(day || time ? { due: time ? zoned(`${on}T${time}`) : on } : {}) };
}
