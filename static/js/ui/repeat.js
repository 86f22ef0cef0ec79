// How an activity repeats: said in words, chosen in a form, with the days it would be.
import { html, useEffect, useState } from '../lib/html.js';
import { apiUrl, get, patch } from '../lib/api.js';
import { pathOf } from '../lib/meta.js';
import { go } from '../lib/router.js';
import { explain, load, offerUndo, removeAlone, touch } from '../lib/records.js';
import { ACTIVITY, DUE } from '../lib/names.js';
import { toast } from '../lib/toast.js';
import { t, tn, key, locale } from '../lib/i18n.js';
import { date, dueFull, parse } from '../lib/format.js';
import { Icon, useLoad } from './basics.js';
import { Dialog } from './layers.js';

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const OFTEN = [['', key('Does not repeat')], ['DAILY', key('Daily')], ['WEEKLY', key('Weekly')], ['MONTHLY', key('Monthly')], ['YEARLY', key('Yearly')]];
const NTH = { 1: key('the first {day}'), 2: key('the second {day}'), 3: key('the third {day}'), 4: key('the fourth {day}'), 5: key('the fifth {day}'), '-1': key('the last {day}') };
const SHOWN = 5;
const ASK_MS = 300;

/** The name of a weekday; 5 January 2026 was a Monday. */
const dayName = (i, weekday = 'long') => new Intl.DateTimeFormat(locale.value, { weekday }).format(new Date(2026, 0, 5 + i));
const weekdayOf = (start) => (parse(start.slice(0, 10)).getDay() + 6) % 7;
const nthOf = (start) => Math.ceil(Number(start.slice(8, 10)) / 7);
const nthDay = (n, i) => t(NTH[n] ?? NTH[1], { day: dayName(i) });

/** When an activity is by its rule; one that was moved alone is at another time. */
const placeOf = (record) => {
  const at = record.recurrence_id;
  return !at ? record[DUE] : at.length > 10 ? at + (record[DUE].match(/\[.*\]/)?.[0] ?? '') : at;
};

/** The form knows no months, and days of them only for what repeats by months; weeks begin on Monday. */
const beyond = (p) => p.BYMONTH || (p.BYMONTHDAY && p.FREQ !== 'MONTHLY') || (p.WKST && p.WKST !== 'MO' && Number(p.INTERVAL) > 1);

/** A rule as the form holds it; what is beyond the form is kept as it is in `other`. */
function read(rule, start) {
  const p = Object.fromEntries((rule ?? '').split(';').filter(Boolean).map((x) => x.split('=')));
  const m = { often: p.FREQ ?? '', each: Number(p.INTERVAL ?? 1), days: [], on: 'date', end: p.COUNT ? 'count' : p.UNTIL ? 'until' : '', count: Number(p.COUNT ?? 10), until: p.UNTIL ? p.UNTIL.slice(0, 8).replace(/(....)(..)(..)/, '$1-$2-$3') : '' };
  const nth = /^(-?\d)([A-Z]{2})$/.exec(p.BYDAY ?? '');
  const plain = Object.keys(p).every((k) => ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'WKST'].includes(k));
  if (m.often === 'WEEKLY') m.days = p.BYDAY ? p.BYDAY.split(',') : start ? [DAYS[weekdayOf(start)]] : [];
  if (nth) Object.assign(m, { on: nth[1] === '-1' ? 'last' : 'nth', nth: nth[1], nthDay: nth[2] });
  const fits = plain && !beyond(p) && (m.often !== 'MONTHLY' || !p.BYDAY || nth) && !(m.often === 'YEARLY' && p.BYDAY) && !(m.often === 'DAILY' && p.BYDAY) && !/[,-]/.test(p.BYMONTHDAY ?? '') && m.days.every((d) => DAYS.includes(d)) && (!nth || NTH[nth[1]]);
  return { ...m, other: rule && !fits ? rule : '' };
}

function write(m, start) {
  if (m.other) return m.other;
  if (!m.often) return null;
  const day = DAYS[weekdayOf(start)];
  const by = m.often === 'WEEKLY' ? `;BYDAY=${DAYS.filter((d) => m.days.includes(d)).join(',') || day}`
    : m.often === 'MONTHLY' ? (m.on === 'date' ? `;BYMONTHDAY=${Number(start.slice(8, 10))}` : `;BYDAY=${m.on === 'last' ? -1 : nthOf(start)}${day}`) : '';
  const end = m.end === 'count' ? `;COUNT=${m.count}` : m.end === 'until' && m.until ? `;UNTIL=${m.until.replace(/-/g, '')}` : '';
  return `FREQ=${m.often}${m.each > 1 ? `;INTERVAL=${m.each}` : ''}${by}${end}`;
}

const EACH = {
  DAILY: (n) => (n > 1 ? t('every {n} days', { n }) : t('every day')), WEEKLY: (n) => (n > 1 ? t('every {n} weeks', { n }) : t('every week')),
  MONTHLY: (n) => (n > 1 ? t('every {n} months', { n }) : t('every month')), YEARLY: (n) => (n > 1 ? t('every {n} years', { n }) : t('every year')),
};

/** "every 2 weeks on Monday and Thursday, 10 times" */
export function words(rule, start) {
  const m = read(rule, start);
  if (m.other || !EACH[m.often]) return rule;
  const list = new Intl.ListFormat(locale.value);
  const on = m.often === 'WEEKLY' ? list.format(m.days.map((d) => dayName(DAYS.indexOf(d))))
    : m.often === 'MONTHLY' ? (m.on === 'date' ? t('day {n}', { n: Number(start.slice(8, 10)) }) : nthDay(m.nth, DAYS.indexOf(m.nthDay))) : '';
  const text = on ? t('{often} on {days}', { often: EACH[m.often](m.each), days: on }) : EACH[m.often](m.each);
  return m.end === 'count' ? `${text}, ${tn('{n} time', '{n} times', m.count)}` : m.end ? `${text}, ${t('until {day}', { day: date(m.until) })}` : text;
}

/** When a rule would be, asked of the server. */
function Preview({ rule, start }) {
  const [got, setGot] = useState(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => get('/recurrence', { rule, start, limit: SHOWN }, { signal: stop.signal }).then(setGot, (bad) => bad.name !== 'AbortError' && setGot({ error: explain(bad) })), ASK_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [rule, start]);
  if (!got) return null;
  if (got.error) return html`<span class="error" role="alert">${got.error}</span>`;
  return html`<p class="small dim" aria-live="polite">${got.occurrences.map((x) => dueFull(x)).join(' · ')}${got.more ? ' …' : ''}</p>`;
}

/** Chooses a rule for what begins at `start`; onInput gets it as text, null for none. */
export function RepeatForm({ rule, start, onInput }) {
  const [m, setM] = useState(() => read(rule, start));
  const set = (more) => { const next = { ...m, ...more, other: '' }; setM(next); onInput(write(next, start)); };
  const now = write(m, start);
  return html`<div class="stack repeat" role="group" aria-label=${t('Repeats')}><span class="label">${t('Repeats')}</span>
    <div class="row wrap"><select class="select" aria-label=${t('How often')} value=${m.other ? 'other' : m.often} onChange=${(e) => e.target.value !== 'other' && set({ often: e.target.value, days: [DAYS[weekdayOf(start)]] })}>
      ${OFTEN.map(([v, l]) => html`<option key=${v} value=${v}>${t(l)}</option>`)}${m.other && html`<option value="other">${m.other}</option>`}</select>
    ${m.often && !m.other && html`<input class="input" type="number" min="1" max="99" aria-label=${t('Every so many')} title=${EACH[m.often](m.each)} value=${m.each} onInput=${(e) => set({ each: Math.max(1, Number(e.target.value) || 1) })} />`}</div>
    ${m.often === 'WEEKLY' && !m.other && html`<div class="segments" role="group" aria-label=${t('On these days')}>${DAYS.map((d, i) => html`<button type="button" class="btn btn-sm" key=${d} aria-label=${dayName(i)} aria-pressed=${m.days.includes(d)} onClick=${() => set({ days: m.days.includes(d) ? m.days.filter((x) => x !== d) : [...m.days, d] })}>${dayName(i, 'short')}</button>`)}</div>`}
    ${m.often === 'MONTHLY' && !m.other && html`<select class="select" aria-label=${t('On which day')} value=${m.on} onChange=${(e) => set({ on: e.target.value })}>
      <option value="date">${t('day {n}', { n: Number(start.slice(8, 10)) })}</option>
      <option value="nth">${nthDay(nthOf(start), weekdayOf(start))}</option>
      <option value="last">${nthDay(-1, weekdayOf(start))}</option></select>`}
    ${m.often && !m.other && html`<div class="row wrap"><select class="select" aria-label=${t('Until when')} value=${m.end} onChange=${(e) => set({ end: e.target.value })}>
      <option value="">${t('without an end')}</option><option value="until">${t('until a day')}</option><option value="count">${t('so many times')}</option></select>
      ${m.end === 'until' && html`<input class="input" type="date" aria-label=${t('Last day')} value=${m.until} onInput=${(e) => set({ until: e.target.value })} />`}
      ${m.end === 'count' && html`<input class="input" type="number" min="1" max="999" aria-label=${t('Times')} value=${m.count} onInput=${(e) => set({ count: Math.max(1, Number(e.target.value) || 1) })} />`}</div>`}
    ${now && html`<p class="small">${words(now, start)}</p><${Preview} rule=${now} start=${start} />`}</div>`;
}

/** The dialog that changes how a record repeats, or ends it. */
function Change({ record, rule, close }) {
  const start = placeOf(record);
  const [now, setNow] = useState(rule ?? '');
  const [error, setError] = useState('');
  const send = async (scope) => {
    try {
      const { change } = await patch(`${pathOf(ACTIVITY)}/${record.id}`, { repeat: now || null }, { query: record.series ? { scope } : {}, headers: { 'If-Match': '*' } });
      await load(ACTIVITY, record.id).catch(() => null);
      touch(ACTIVITY);
      offerUndo(now ? t('It repeats {how}', { how: words(now, start) }) : t('It repeats no more'), change, ACTIVITY, record.id);
      close();
    } catch (bad) { setError(explain(bad)); }
  };
  return html`<${Dialog} title=${t('Repeats')} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${close}>${t('Cancel')}</button>
      ${record.series && html`<button type="button" class="btn" onClick=${() => send('following')}>${t('From this one on')}</button>`}
      <button type="button" class="btn btn-primary" disabled=${!record.series && !now} onClick=${() => send('all')}>${record.series ? t('All of them') : t('Save')}</button>`}>
    <div class="dialog-body stack"><${RepeatForm} rule=${rule} start=${start} onInput=${(r) => setNow(r ?? '')} />
      ${error && html`<span class="error" role="alert"><${Icon} name="circle-alert" />${error}</span>`}</div><//>`;
}

/** Beside an activity: how it repeats, and the buttons that change and end it. */
export default function Repeat({ record, locked }) {
  const id = record.series?.id;
  const series = useLoad((o) => (id ? get(`/${pathOf('activity_series').replace(/^\//, '')}/${id}`, {}, o) : Promise.resolve(null)), [id, record.version]);
  const [open, setOpen] = useState(false);
  const rest = async (scope) => {
    try {
      const { change } = await removeAlone(ACTIVITY, record.id, { query: { scope } });
      go(pathOf(ACTIVITY));
      touch(ACTIVITY);
      offerUndo(t('Moved to the bin'), change, ACTIVITY, record.id);
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  if (!record[DUE]) return null;
  return html`<section><h2 class="side-title">${t('Calendar')}</h2>
    <p><a class="btn btn-sm" href=${apiUrl(`${pathOf(ACTIVITY)}/${record.id}/invitation`)} download="invitation.ics"><${Icon} name="calendar" />${t('Invitation as a file')}</a></p>
    ${(id || !locked) && html`<h2 class="side-title">${t('Repeats')}</h2>`}
    ${series.data && html`<p class="small">${words(series.data.rule, placeOf(record))}${record.exception ? html`<br /><span class="faint">${t('This one differs from the others.')}</span>` : ''}</p>`}
    ${!locked && html`<div class="row wrap"><button type="button" class="btn btn-sm" onClick=${() => setOpen(true)}><${Icon} name="refresh-cw" />${id ? t('Change how it repeats …') : t('Repeat …')}</button>
      ${id && html`<button type="button" class="btn btn-sm" onClick=${() => rest('following')}><${Icon} name="trash-2" />${t('Delete this and those after it')}</button>`}</div>`}
    ${open && (!id || series.data) && html`<${Change} record=${record} rule=${series.data?.rule} close=${() => setOpen(false)} />`}</section>`;
}
