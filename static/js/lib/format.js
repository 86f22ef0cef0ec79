// All numbers, money and dates go through Intl. Nothing formats by hand.
import { locale, t, tn } from './i18n.js';
import { meta } from './meta.js';

const memo = new Map();
function fmt(kind, options) {
  const key = locale.value + kind + JSON.stringify(options);
  if (!memo.has(key)) memo.set(key, new Intl[kind](locale.value, options));
  return memo.get(key);
}

const currency = () => meta.value?.company?.currency || 'EUR';
const amount = (m) => (m && typeof m === 'object' ? [m.value, m.currency || currency()] : [m, currency()]);

/** A number or decimal string in the reader's notation. */
export const number = (n, o = {}) => fmt('NumberFormat', o).format(n);
/** A count: "1,284", or "10,000+" when the server stopped counting. */
export const countText = (n, more) => (n === undefined || n === null ? '' : number(n) + (more ? '+' : ''));
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
/** Bytes in short: "12 kB", "3.4 MB". */
export function fileSize(n) {
  const i = Math.min(SIZES.length - 1, n < 1000 ? 0 : Math.floor(Math.log10(n) / 3));
  return number(n / 1000 ** i, { style: 'unit', unit: SIZES[i], unitDisplay: i ? 'short' : 'long', maximumFractionDigits: n < 10 * 1000 ** i && i > 1 ? 1 : 0 });
}
/** A share (0.4) as "40%". */
export const percent = (x, digits = 0) => number(x, { style: 'percent', maximumFractionDigits: digits });

/** Money { value, currency } in full; cents only where there are some. */
export function money(m) {
  const [value, code] = amount(m);
  const whole = Number(value) % 1 === 0;
  return number(value ?? 0, { style: 'currency', currency: code, minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: whole ? 0 : 2 });
}

/**
 * Money for headings and bars: "€950", "€2.5k", "€12k", "€1.8m"; tenths where a
 * whole thousand or million would be far off. German has no short thousand.
 */
export function moneyShort(m) {
  const [value, code] = amount(m);
  const n = Number(value ?? 0);
  const size = Math.abs(n);
  const whole = { style: 'currency', currency: code, notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 0 };
  const short = size >= 1e3 && fmt('NumberFormat', whole).formatToParts(n).some((p) => p.type === 'compact');
  return number(n, { ...whole, maximumFractionDigits: short && (size < 1e4 || size >= 1e6) ? 1 : 0 });
}

/** The symbol that stands for a currency code. */
export const currencySign = (code = currency()) => fmt('NumberFormat', { style: 'currency', currency: code }).formatToParts(0).find((p) => p.type === 'currency').value;

/** A day (at noon, local), an instant or a time with its zone as Date; null is before everything. */
export const parse = (iso) => new Date(!iso ? 0 : iso.length === 10 ? `${iso}T12:00` : iso.replace(/\[.*/, ''));
/** The zone of this browser. */
export const myZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
/** The zone a time was agreed on in, when it is not this one's: "New York"; else "". */
export function zoneOf(iso) {
  const zone = iso.match(/\[(.*)\]/)?.[1];
  return zone && zone !== myZone() ? zone.split('/').pop().replaceAll('_', ' ') : '';
}
/** A wall time "2026-11-21T14:05" of this browser, for the server. */
export const zoned = (wall) => `${wall}[${myZone()}]`;
/** The present, in one place so that tests can set it. */
export const now = () => new Date();
/** Local calendar day of a Date as "2026-11-21". */
export const isoDay = (d = now()) => `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
/** 21 Nov 2026 */
export const date = (iso) => fmt('DateTimeFormat', { day: 'numeric', month: 'short', year: 'numeric' }).format(parse(iso));
/** 21 Nov; of another year 21 Nov 2027 */
export const dayMonth = (iso) => (parse(iso).getFullYear() === now().getFullYear() ? fmt('DateTimeFormat', { day: 'numeric', month: 'short' }).format(parse(iso)) : date(iso));
/** Saturday 21 November */
export const longDay = (d) => fmt('DateTimeFormat', { weekday: 'long', day: 'numeric', month: 'long' }).format(d);
/** November 2026 */
export const month = (iso) => fmt('DateTimeFormat', { month: 'long', year: 'numeric' }).format(parse(iso));
/** Nov 2026 */
export const shortMonth = (iso) => fmt('DateTimeFormat', { month: 'short', year: 'numeric' }).format(parse(iso));
/** 14:05 */
export const clock = (iso) => fmt('DateTimeFormat', { hour: '2-digit', minute: '2-digit' }).format(parse(iso));
/** 21 Nov 2026, 14:05; what the set-up did has no time. */
export const moment = (iso) => (!iso ? t('set-up') : `${date(iso)}, ${clock(iso)}`);

/** Whole calendar days from today; negative is past. */
export function daysFromNow(iso) {
  const a = now(); a.setHours(12, 0, 0, 0);
  const b = parse(iso); b.setHours(12, 0, 0, 0);
  return Math.round((b - a) / 864e5);
}

/** "today", "yesterday", "in 3 days", then a plain date beyond two weeks. */
export function relDay(iso) {
  const d = daysFromNow(iso);
  return Math.abs(d) <= 14 ? fmt('RelativeTimeFormat', { numeric: 'auto' }).format(d, 'day') : date(iso);
}

/** Has a day gone by, or a time? */
export const passed = (iso) => (iso.length > 10 ? parse(iso) < now() : daysFromNow(iso) < 0);

/** "5 days overdue"; of today, since what time. */
export function overdue(iso) {
  const n = -daysFromNow(iso);
  return !n ? t('Overdue since {day}', { day: clock(iso) }) : n <= 14 ? tn('{n} day overdue', '{n} days overdue', n) : t('Overdue since {day}', { day: date(iso) });
}

/** "just now", "16 min ago", "3 hours ago", then as relDay. */
export function ago(iso) {
  if (!iso) return t('set-up');
  const min = Math.round((parse(iso) - now()) / 6e4);
  const rtf = fmt('RelativeTimeFormat', { numeric: 'auto', style: 'short' });
  if (Math.abs(min) < 1) return t('just now');
  if (Math.abs(min) < 60) return rtf.format(min, 'minute');
  if (daysFromNow(iso) === 0) return rtf.format(Math.round(min / 60), 'hour');
  return relDay(iso);
}

/** A day to come as one says it: "today", "tomorrow", Fri 27 Nov, beyond two weeks and in the past as relDay. */
export function dueDay(iso) {
  const d = daysFromNow(iso);
  return d > 1 && d <= 14 ? fmt('DateTimeFormat', { weekday: 'short', day: 'numeric', month: 'short' }).format(parse(iso)) : relDay(iso);
}

/** Due moment: the day, and the clock time if one was given. */
export const due = (iso) => (iso.length > 10 ? `${dueDay(iso)}, ${clock(iso)}` : dueDay(iso));
/** The same in full, with the time where it was agreed on if that is somewhere else. */
export function dueFull(iso) {
  const zone = iso.length > 10 && zoneOf(iso);
  return iso.length > 10 ? `${moment(iso)}${zone ? ` (${iso.slice(11, 16)} ${zone})` : ''}` : date(iso);
}

/** Two letters for an avatar. */
export const initials = (name) => (name ?? '').split(/\s+/).filter(Boolean).slice(0, 2).map((w) => [...w][0]).join('').toUpperCase();

/** A number as typed by people ("1.234,50", "1,234.50") as "1234.50"; other text stays. */
export function parseDecimal(text) {
  const s = text.trim().replace(/[\s\u00a0\u202f'’]/g, '');
  if (!/^[-+]?[\d.,]+$/.test(s)) return text;
  const point = fmt('NumberFormat', {}).formatToParts(1.5).find((p) => p.type === 'decimal').value;
  const last = Math.max(s.lastIndexOf('.'), s.lastIndexOf(','));
  const both = s.includes('.') && s.includes(',');
  const once = last >= 0 && s.indexOf(s[last]) === last;
  const isPoint = last >= 0 && once && (both || s[last] === point || s.length - last !== 4);
  return isPoint ? `${s.slice(0, last).replace(/[.,]/g, '')}.${s.slice(last + 1)}` : s.replace(/[.,]/g, '');
}

/** A text without the brackets of its mentions and links (refs.js); records without their names. */
export const plain = (s) => s.replace(/([@#])\[\d{1,18}(?: ([^\][\r\n]*))?\]/g, (_, sign, name) => sign + (name ?? '…'));

/** Short size of a file. */
export const bytes = (n) => (n >= 1e9 ? number(n / 1e9, { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 1 })
  : n >= 1e6 ? number(n / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 })
  : number(n / 1e3, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }));
