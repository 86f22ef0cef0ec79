// Calendar: activities by day and time, of everybody chosen, as week, day, month
// or agenda (the phone's default), in the zone of this browser.
import { html, cx, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldsParam, may, pathOf } from '../lib/meta.js';
import { rowsOf, valuesOf, touch, update } from '../lib/records.js';
import { ACTIVITY, USER } from '../lib/names.js';
import { me, prefs, setPref } from '../lib/store.js';
import { go, route, setQuery } from '../lib/router.js';
import { bindAll } from '../lib/keys.js';
import { toast } from '../lib/toast.js';
import { watch } from '../lib/live.js';
import { locale, t, tn } from '../lib/i18n.js';
import { quote } from '../lib/query.js';
import { isoDay, parse, clock, longDay, month, due as dueText } from '../lib/format.js';
import { dayPlus, dayStart, daysFrom, monday, monthFirst, placed, wallTime, USUAL } from '../lib/caldays.js';
import { PageHead } from '../ui/page.js';
import { IconButton, Empty, Failed, SkeletonRows, hueOf, useLatest, useLoad } from '../ui/basics.js';
import { Popover } from '../ui/layers.js';
import { startCreate } from '../ui/open.js';
import Grid from '../ui/cal-grid.js';

const PAGE = 500;
const PAGES = 4;
const LIVE_MS = 500;
const ABSENCE = 'absence';
const IN_MONTH = 3;
const AGENDA_DAYS = 30;
const STEP = 15;

/** Days shown and how far the arrows go, by mode. */
const MODES = {
  day: { first: (d) => d, days: () => 1, step: (d, n) => dayPlus(d, n), label: (d) => longDay(parse(d)) },
  week: { first: monday, days: () => 7, step: (d, n) => dayPlus(d, 7 * n), label: (d) => month(d) },
  month: { first: (d) => monday(monthFirst(d)), days: () => 42, step: monthFirst, label: (d) => month(d) },
  agenda: { first: (d) => d, days: () => AGENDA_DAYS, step: (d, n) => dayPlus(d, AGENDA_DAYS * n), label: (d) => month(d) },
};
const words = () => [['day', t('Day')], ['week', t('Week')], ['month', t('Month')], ['agenda', t('Agenda')]];

const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(Date.parse(text));

/** Whose calendars are shown: kept for the reader, at first his own. */
const people = () => prefs.value.calendar?.people ?? [me().id];
const show = (ids) => setPref({ calendar: { ...prefs.value.calendar, people: ids } });

async function all(path, query, o) {
  const items = [];
  let cursor = '';
  for (let i = 0; i < PAGES; i++) {
    const answer = await get(path, { ...query, limit: PAGE, cursor }, o);
    items.push(...answer.items);
    cursor = answer.next;
    if (!cursor) break;
  }
  return { items, rest: Boolean(cursor) };
}

/** Activities of the days and a day around them, absences, holidays and hours. */
function useEvents(first, days) {
  const ids = people();
  const e = entity(ACTIVITY);
  const who = `owner in (${ids.join(', ')})`;
  const last = dayPlus(first, days - 1);
  const acts = useLoad((o) => (ids.length ? all(pathOf(ACTIVITY), { filter: `${who} and due >= ${quote(dayStart(dayPlus(first, -1)).toISOString())} and due < ${quote(dayStart(dayPlus(last, 2)).toISOString())}`, sort: 'due',
    fields: fieldsParam(e, ['title', 'kind', 'subject', 'due', 'duration', 'place', 'done_at', 'owner', 'team', 'series', 'version']) }, o) : Promise.resolve({ items: [] })), [first, days, ids.join(), rowsOf(ACTIVITY), valuesOf(ACTIVITY)]);
  const firm = useLoad((o) => get('/calendar', { from: first, until: last }, o), [first, days]);
  const away = useLoad((o) => (entity(ABSENCE) && ids.length ? get(pathOf(ABSENCE), { filter: `user in (${ids.join(', ')}) and from <= ${quote(last)} and (until >= ${quote(first)} or until is empty)`, limit: PAGE, fields: 'user,from,until,kind' }, o) : Promise.resolve({ items: [] })), [first, days, ids.join(), rowsOf(ABSENCE), valuesOf(ABSENCE)]);
  return { acts, firm: firm.data, away: away.data?.items ?? [] };
}

/** What others do is shown soon. */
function useLive() {
  useEffect(() => {
    let timer = 0;
    const stop = watch(ACTIVITY, () => { clearTimeout(timer); timer = setTimeout(() => touch(ACTIVITY, true), LIVE_MS); });
    return () => { clearTimeout(timer); stop(); };
  }, []);
}

/* --- changing --- */

/** Moves and stretches at once; puts back what is refused, or left when it repeats and is asked about. */
function useMove(events) {
  const [moved, setMoved] = useState({});
  useEffect(() => setMoved({}), [events]);
  const save = (x, change) => {
    const { r } = x;
    const message = 'due' in change ? t('{task}: {when}', { task: r.subject ?? r.title, when: dueText(change.due) }) : t('{task} takes {n} minutes', { task: r.subject ?? r.title, n: change.duration });
    if (r.locked) { toast(t('You may not change this. Ask an administrator for the right.'), { bad: true }); return; }
    setMoved((m) => ({ ...m, [r.id]: { ...m[r.id], ...change } }));
    update(ACTIVITY, r.id, change, { message }).catch(() => setMoved((m) => { const { [r.id]: _, ...rest } = m; return rest; }));
  };
  return { moved, save };
}

/** What the grid says of a drag as a change of fields. */
const changeOf = (what) => (what.minutes ? { duration: what.minutes } : { due: wallTime(what.day, what.from) });

/** Moved by key: a quarter of an hour, a day, or the end. */
function byKey(x, dx, dy, stretch) {
  if (x.all) return dx ? { due: dayPlus(x.day, dx) } : null;
  if (stretch) return { duration: Math.max(STEP, (x.r.duration || USUAL) + dy * STEP) };
  const minute = x.from + dy * STEP;
  return minute < 0 || minute > 1440 - STEP ? null : { due: wallTime(dayPlus(x.day, dx), minute) };
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Arrows go from event to event: up and down within a day, left and right to the nearest of another. */
function useArrows(events, save) {
  const at = useLatest({ events, save });
  const kept = useRef(null);
  useLayoutEffect(() => { if (kept.current && document.activeElement === document.body) document.querySelector(`[data-event="${kept.current}"]`)?.focus(); });
  return (ev) => {
    const id = Number(ev.target.closest?.('[data-event]')?.dataset.event);
    const x = id && at.current.events.find((y) => y.r.id === id);
    const arrow = ARROWS[ev.key];
    if (!x || !arrow || ev.ctrlKey || ev.metaKey) return;
    ev.preventDefault();
    const [dx, dy] = arrow;
    if (ev.shiftKey) { const change = byKey(x, dx, dy, ev.altKey && dy); if (change) { kept.current = id; at.current.save(x, change); } return; }
    kept.current = null;
    const order = [...at.current.events].sort((a, b) => a.day.localeCompare(b.day) || (a.from ?? -1) - (b.from ?? -1));
    const same = order.filter((y) => y.day === x.day);
    const far = order.filter((y) => (dx > 0 ? y.day > x.day : y.day < x.day));
    const day = dx > 0 ? far[0]?.day : far.at(-1)?.day;
    const next = dy ? same[same.indexOf(x) + dy] : far.filter((y) => y.day === day).sort((a, b) => Math.abs((a.from ?? 0) - (x.from ?? 0)) - Math.abs((b.from ?? 0) - (x.from ?? 0)))[0];
    document.querySelector(`[data-event="${next?.r.id}"]`)?.focus();
  };
}

/* --- month and agenda --- */

const openEvent = (r) => go(`${pathOf(ACTIVITY)}/${r.id}`);
const byTime = (a, b) => Number(Boolean(b.all)) - Number(Boolean(a.all)) || (a.from ?? 0) - (b.from ?? 0);

function Month({ day, days, events, marks }) {
  const today = isoDay();
  return html`<div class="month"><div class="month-head">${days.slice(0, 7).map((d) => html`<span key=${d}>${parse(d).toLocaleDateString(locale.value, { weekday: 'short' })}</span>`)}</div>
    <div class="month-grid">${days.map((d) => { const list = events.filter((x) => x.day === d).sort(byTime); return html`<div key=${d} class=${cx('month-day', d.slice(0, 7) !== day.slice(0, 7) && 'is-out', d === today && 'is-today')}>
      <button type="button" class="month-n num" aria-label=${longDay(parse(d))} onClick=${() => setQuery({ mode: 'day', date: d })}>${parse(d).getDate()}</button>${marks(d).map((m) => html`<span key=${m.text} class="tiny faint clip month-mark">${m.text}</span>`)}
      ${list.slice(0, IN_MONTH).map((x) => html`<button type="button" key=${x.r.id} data-event=${x.r.id} class=${cx('month-event', `hue-${hueOf(x.r.owner?.id)}`, x.r.done_at && 'is-done')} onClick=${() => openEvent(x.r)}><span class="dot"></span>${!x.all && html`<span class="num faint">${clock(x.r.due)}</span>`}<span class="clip">${x.r.subject ?? x.r.title}</span></button>`)}
      ${list.length > IN_MONTH && html`<button type="button" class="tiny month-more" onClick=${() => setQuery({ mode: 'day', date: d })}>${t('{n} more', { n: list.length - IN_MONTH })}</button>`}</div>`; })}</div></div>`;
}

function Agenda({ days, events, marks }) {
  const today = isoDay();
  const full = days.filter((d) => marks(d).length || events.some((x) => x.day === d));
  if (!full.length) return html`<${Empty} icon="calendar" title=${t('Nothing planned')} text=${t('What is planned in the next {n} days appears here.', { n: days.length })} />`;
  return html`<div class="agenda">${full.map((d) => html`<section key=${d}><h2 class="agenda-day">${longDay(parse(d))}${d === today && html`<span class="badge badge-accent">${t('today')}</span>`}${marks(d).map((m) => html`<span key=${m.text} class="badge">${m.text}</span>`)}</h2>
    <ul>${events.filter((x) => x.day === d).sort(byTime).map((x) => html`<li key=${x.r.id} class=${`hue-${hueOf(x.r.owner?.id)}`}><button type="button" data-event=${x.r.id} class=${cx('agenda-row', x.r.done_at && 'is-done')} onClick=${() => openEvent(x.r)}>
      <span class="num dim agenda-time">${x.all ? t('all day') : clock(x.r.due)}</span><span class="agenda-bar"></span>
      <span class="grow"><b class="strong">${x.r.subject ?? x.r.title}</b><span class="small faint">${[!x.all && x.r.duration && tn('{n} minute', '{n} minutes', x.r.duration), x.r.place, x.r.owner?.title].filter(Boolean).join(' · ')}</span></span></button></li>`)}</ul></section>`)}</div>`;
}

/* --- people --- */

/** Colleagues are asked for when the first picture is there. */
function People({ ready }) {
  const users = useLoad((o) => (ready ? get(pathOf(USER), { filter: 'active = true', sort: 'title', limit: 200, fields: 'title' }, o) : Promise.resolve(null)), [ready]);
  const ids = people();
  const list = users.data?.items ?? [{ id: me().id, title: me().name }];
  const toggle = (id) => show(ids.includes(id) ? ids.filter((x) => x !== id) : [...ids, id]);
  const tick = (u) => html`<label key=${u.id} class=${`person hue-${hueOf(u.id)}`}><input type="checkbox" class="check check-hue" checked=${ids.includes(u.id)} onChange=${() => toggle(u.id)} /><span class="clip">${u.title}</span></label>`;
  const near = list.filter((u) => ids.includes(u.id) || u.id === me().id).slice(0, 5);
  return html`<div class="row push people" role="group" aria-label=${t('Whose calendars')}><span class="row wide-only">${near.map(tick)}</span>
    <${Popover} class="btn btn-sm" icon="users" label=${t('People')} name=${t('Whose calendars')}>${() => html`<div class="choices">${list.map(tick)}</div>`}<//></div>`;
}

export default function Calendar() {
  const phone = matchMedia('(max-width: 47.99rem)').matches;
  const { query } = route.value;
  const mode = MODES[query.mode] ? query.mode : phone ? 'agenda' : 'week';
  const day = isDay(query.date) ? query.date : isoDay();
  const how = MODES[mode];
  const days = daysFrom(how.first(day), how.days());
  const { acts, firm, away } = useEvents(days[0], days.length);
  const { moved, save } = useMove(acts.data);
  useLive();
  const events = (acts.data?.items ?? []).map((r) => ({ ...r, ...moved[r.id], locked: !may(entity(ACTIVITY), 'edit', r, me()) })).filter((r) => r.due).map(placed).filter((x) => x.day >= days[0] && x.day <= days.at(-1));
  const marks = (d) => [...(firm?.holidays ?? []).filter((h) => h.from <= d && d <= h.until).map((h) => ({ text: h.name })),
    ...away.filter((a) => a.from <= d && (!a.until || d <= a.until)).map((a) => ({ text: t('{name} is away', { name: a.user?.title ?? '' }), hue: hueOf(a.user?.id) }))];
  const create = (d, minute) => startCreate(ACTIVITY, { kind: 'meeting', due: minute === undefined ? d : wallTime(d, minute) });
  const arrows = useArrows(events, save);
  const to = (n) => setQuery({ date: how.step(day, n) });
  const move = useLatest(to);
  useEffect(() => bindAll([['c', () => create(isDay(route.value.query.date) ? route.value.query.date : isoDay()), t('Create')], ['t', () => setQuery({ date: '' }), t('Today')],
    ...words().map(([id, text], i) => [String(i + 1), () => setQuery({ mode: id }), text]), ['PageUp', () => move.current(-1), t('Earlier')], ['PageDown', () => move.current(1), t('Later')], ['Shift+arrows', () => null, t('Move an event; with Alt, change its length')]]), []);
  const label = how.label(day);
  const closed = firm && !firm.always;
  return html`<div class="page"><${PageHead} title=${t('Calendar')} count=${label} create=${ACTIVITY} values=${{ kind: 'meeting' }} />
    <div class="toolbar calendar-bar"><button type="button" class="btn btn-sm" onClick=${() => setQuery({ date: '' })}>${t('Today')}</button>
      <span class="row"><${IconButton} small icon="chevron-left" label=${t('Earlier')} onClick=${() => to(-1)} /><${IconButton} small icon="chevron-right" label=${t('Later')} onClick=${() => to(1)} /></span>
      <div class="segments" role="group" aria-label=${t('Layout')}>${words().map(([id, text]) => html`<button type="button" key=${id} class="btn btn-sm" aria-pressed=${mode === id} onClick=${() => setQuery({ mode: id })}>${text}</button>`)}</div><${People} ready=${Boolean(acts.data || acts.error)} /></div>
    <div class="page-body" tabindex="0" role="region" aria-label=${label} onKeyDown=${arrows}>
      ${acts.error && html`<${Failed} title=${t('The calendar could not be loaded')} text=${acts.error.message} retry=${acts.again} />`}
      ${!acts.data && !acts.error && html`<${SkeletonRows} cols=${7} />`}
      ${acts.data?.rest && html`<p class="card-body small">${t('There is more than can be shown. Choose fewer people or days.')}</p>`}
      ${acts.data && (mode === 'month' ? html`<${Month} day=${day} days=${days} events=${events} marks=${marks} />` : mode === 'agenda' ? html`<${Agenda} days=${days} events=${events} marks=${marks} />`
        : html`<${Grid} days=${days} events=${events} hours=${closed ? firm.hours : null} marks=${marks} move=${(x, what) => save(x, changeOf(what))} create=${create} openEvent=${openEvent} />`)}</div></div>`;
}
