// Below a date: who will be reminded of it, and when.
import { html } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { date, isoDay } from '../lib/format.js';
import { Icon } from './basics.js';

const leap = (y) => (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
const inYear = (day, y) => `${y}${day.slice(5) === '02-29' && !leap(y) ? '-02-28' : day.slice(4)}`;
const minus = (day, n) => { const d = new Date(`${day}T12:00`); d.setDate(d.getDate() - n); return isoDay(d); };

/** The next day of reminding after today: { on, who } or null. */
export function nextReminder(f, record) {
  const day = record[f.name];
  const today = isoDay();
  const first = Number(today.slice(0, 4));
  const days = (r) => (r.yearly ? [first, first + 1, first + 2].map((y) => inYear(day, y)).filter((x) => x >= day) : [day]);
  return (f.remind ?? []).flatMap((r) => days(r).map((x) => ({ on: minus(x, r.days), who: record[r.to] })))
    .filter((x) => x.on > today && x.who?.title).sort((a, b) => a.on.localeCompare(b.on))[0] ?? null;
}

export default function Reminder({ field, record }) {
  const next = nextReminder(field, record);
  return next && html`<span class="row tiny faint detail-note"><${Icon} name="alarm-clock" />${t('Reminds {name} on {day}', { name: next.who.title, day: date(next.on) })}</span>`;
}
