// Calendar: activities by day and time, of everybody chosen, as week, day, month
// or agenda (the phone's default), in the zone of this browser.
import { html, cx, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, fieldsParam, may, pathOf } from '../lib/meta.js';
import { rowsOf, valuesOf, touch, update } from '../lib/records.js';
import { ACTIVITY, USER } from '../lib/names.js';
import { me, prefs, setPref } from '../lib/store.js';
import { go, Link, route, setQuery } from '../lib/router.js';
import { bindAll } from '../lib/keys.js';
import { fetched, toast } from '../lib/toast.js';
import { watch } from '../lib/live.js';
import { locale, rare, t, tn } from '../lib/i18n.js';
import { quote } from '../lib/query.js';
import { isoDay, parse, clock, date, dayMonth, longDay, month, shortMonth, due as dueText } from '../lib/format.js';
import { covers, dayPlus, elsewhere, dayStart, daysFrom, dueAt, LONGEST_DAYS, MEETING, momentAt, monday, monthFirst, placed, USUAL } from '../lib/caldays.js';
import { PageHead } from '../ui/page.js';
import { IconButton, Empty, Failed, Later, SkeletonRows, hueOf, useLatest, useLoad } from '../ui/basics.js';
import { Popover } from '../ui/layers.js';
import { startCreate } from '../ui/open.js';
import Box from '../ui/cal-box.js';

const PAGE = 500;
const PAGES = 4;
const LIVE_MS = 500;
const ABSENCE = 'absence';
const AGENDA_DAYS = 30;
const STEP = 15;
const DAY = 1440;

/** Days shown, how far the arrows go and what it is called, by mode; in few letters where the window is narrow. */
const one = { first: (d) => d, days: () => 1, step: (d, n) => dayPlus(d, n), label: (d) => longDay(parse(d)), brief: dayMonth };
const MODES = {
  day: one,
  week: { first: monday, days: () => 7, step: (d, n) => dayPlus(d, 7 * n), label: month, brief: shortMonth },
  month: { first: (d) => monday(monthFirst(d)), days: () => 42, step: monthFirst, label: month, brief: shortMonth },
  people: one,
  agenda: { first: (d) => d, days: () => AGENDA_DAYS, step: (d, n) => dayPlus(d, AGENDA_DAYS * n), label: month, brief: shortMonth },
};
const words = () => [['day', t('Day')], ['week', t('Week')], ['month', t('Month')], ['agenda', t('Agenda')], ['people', t('Side by side')]];

/** Where a firm has said nothing of its hours, only weekends are shaded. */
const WEEKDAYS = [1, 1, 1, 1, 1, 0, 0].map((n) => (n ? [[0, DAY]] : []));

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

const DEAL = 'deal';
const CLOSE = 'close_date';
/** Deals have a day on which they are expected to close; who wants sees them here, too. */
const closing = () => Boolean(entity(DEAL) && fieldOf(entity(DEAL), CLOSE));
const closes = () => closing() && Boolean(prefs.value.calendar?.closes);

/** Activities of the days and a day around them and what reaches into them from before, of those chosen and with them; absences, holidays and hours. */
function useEvents(first, days, more) {
  const ids = people();
  const e = entity(ACTIVITY);
  const theirs = `owner in (${ids.join(', ')})`;
  const who = `(${[theirs, ...ids.map((id) => `participants contains ${id}`)].join(' or ')})`;
  const last = dayPlus(first, days - 1);
  const from = (n) => quote(dayStart(dayPlus(first, n)).toISOString());
  const acts = useLoad((o) => (ids.length ? all(pathOf(ACTIVITY), { filter: `${who} and due >= ${from(-LONGEST_DAYS)} and due < ${quote(dayStart(dayPlus(last, 2)).toISOString())} and (due >= ${from(-1)} or duration > ${DAY})`, sort: 'due',
    fields: fieldsParam(e, ['title', 'kind', 'subject', 'due', 'duration', 'place', 'done_at', 'owner', 'team', 'participants', 'series', 'version', ...more]) }, o) : Promise.resolve({ items: [] })), [first, days, ids.join(), rowsOf(ACTIVITY), valuesOf(ACTIVITY), more.join()]);
  const away = useLoad((o) => (entity(ABSENCE) && ids.length ? get(pathOf(ABSENCE), { filter: `user in (${ids.join(', ')}) and from <= ${quote(last)} and (until >= ${quote(first)} or until is empty)`, limit: PAGE, fields: 'user,from,until,kind' }, o) : Promise.resolve({ items: [] })), [first, days, ids.join(), rowsOf(ABSENCE), valuesOf(ABSENCE)]);
  const wanted = closes() && Boolean(acts.data) && ids.length > 0; /* after the first picture */
  const deals = useLoad((o) => (wanted ? get(pathOf(DEAL), { filter: `${theirs} and open and ${CLOSE} >= ${quote(first)} and ${CLOSE} <= ${quote(last)}`, limit: PAGE, fields: `title,owner,${CLOSE}` }, o) : Promise.resolve({ items: [] })), [wanted, first, days, ids.join(), rowsOf(DEAL), valuesOf(DEAL)]);
  return { acts, away: away.data?.items ?? [], deals: deals.data?.items ?? [] };
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
    const message = 'duration' in change ? t('{task} takes {n} minutes', { task: r.subject ?? r.title, n: change.duration }) : t('{task}: {when}', { task: r.subject ?? r.title, when: [change.due && dueText(change.due), change.owner?.title].filter(Boolean).join(', ') });
    if (r.locked) { toast(t('You may not change this. Ask an administrator for the right.'), { bad: true }); return false; }
    setMoved((m) => ({ ...m, [r.id]: { ...m[r.id], ...change } }));
    update(ACTIVITY, r.id, change, { message }).catch(() => setMoved((m) => { const { [r.id]: _, ...rest } = m; return rest; }));
    return true;
  };
  return { moved, save };
}

/** What a drag says as a change of fields; null is no change. */
function changeOf(x, what, list) {
  if (what.minutes) return what.minutes === x.r.duration ? null : { duration: what.minutes };
  const due = x.all ? isoDay(what.start) : dueAt(what.start, x.r.due);
  const other = what.to && what.to !== what.from;
  if (other && what.from !== String(x.r.owner?.id)) return null; /* who only takes part hands nothing on */
  return { ...(Number(x.start) === Number(what.start) || due === x.r.due ? {} : { due }), ...(other ? { owner: list.find((u) => String(u.id) === what.to) } : {}) };
}

/** Moved by key: a quarter of an hour, a day, or the end. */
function byKey(x, dx, dy, stretch) {
  if (x.all) return dx ? { due: dayPlus(x.day, dx) } : null;
  if (stretch) return { duration: Math.max(STEP, (x.r.duration || USUAL) + dy * STEP) };
  const minute = x.from + dy * STEP;
  return minute < 0 || minute > DAY - STEP ? null : { due: dueAt(momentAt(dayPlus(x.day, dx), minute), x.r.due) };
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

const said = new Map();
/** What a screen reader hears after time and subject; asked for often. */
function spoken(x) {
  const minutes = x.all ? 0 : Math.round((x.end - x.start) / 6e4);
  const key = `${locale.value} ${x.day} ${minutes}`;
  if (!said.has(key)) said.set(key, `${date(x.day)}, ${x.all ? t('all day') : tn('{n} minute', '{n} minutes', minutes)}`);
  return [said.get(key), elsewhere(x.r.due), x.r.owner?.title, x.r.done_at && t('done')].filter(Boolean).join(', ');
}

/** What c begins right after the event that has the focus: its day, and the time it ends. */
function fromFocus(events) {
  const x = events.find((y) => String(y.r.id) === document.activeElement?.dataset?.event);
  return x && (x.all ? { day: x.day } : { start: x.end });
}

/* --- agenda --- */

const ABOUT = 'links';
const aboutShown = () => import('../ui/field.js').then((m) => ({ default: m.Value }));

const openEvent = (x) => go(`${pathOf(ACTIVITY)}/${x.r.id}`);
const byTime = (a, b) => Number(Boolean(b.all)) - Number(Boolean(a.all)) || (a.start ?? 0) - (b.start ?? 0);

function Agenda({ days, events, marks }) {
  const today = isoDay();
  const full = days.filter((d) => marks.some((m) => m.from <= d && d <= m.until) || events.some((x) => covers(x, d)));
  if (!full.length) return html`<${Empty} icon="calendar" title=${t('Nothing planned')} text=${t('What is planned in the next {n} days appears here.', { n: days.length })} />`;
  return html`<div class="agenda">${full.map((d) => html`<section key=${d}><h2 class="agenda-day">${longDay(parse(d))}${d === today && html`<span class="badge badge-accent">${t('today')}</span>`}${marks.filter((m) => m.from <= d && d <= m.until).map((m) => (m.to ? html`<${Link} key=${m.id} to=${m.to} class="badge">${m.text}<//>` : html`<span key=${m.id} class="badge">${m.text}</span>`))}</h2>
    <ul>${events.filter((x) => covers(x, d)).sort(byTime).map((x) => html`<li key=${x.r.id} class=${`hue-${x.hue}`}><button type="button" data-event=${x.r.id} data-day=${d} class=${cx('agenda-row', x.r.done_at && 'is-done')} onClick=${() => openEvent(x)}>
      <span class="num dim agenda-time">${x.all ? t('all day') : x.day === d ? clock(x.r.due) : ''}</span><span class="agenda-bar"></span>
      <span class="grow"><b class="strong">${x.r.subject ?? x.r.title}</b><span class="small faint">${[!x.all && x.r.duration && tn('{n} minute', '{n} minutes', x.r.duration), !x.all && elsewhere(x.r.due), x.r.place, x.r.owner?.title].filter(Boolean).join(' · ')}</span></span></button>
      ${x.r[ABOUT]?.length > 0 && html`<p class="agenda-about small"><${Later} load=${aboutShown} field=${fieldOf(entity(ACTIVITY), ABOUT)} record=${x.r} /></p>`}</li>`)}</ul></section>`)}</div>`;
}

const findTime = rare(() => import('../ui/find-time.js'));

/* --- people --- */

/** Those whose activities the reader may see. */
function mayBeSeen(u) {
  const scope = entity(ACTIVITY).can?.see;
  return u.id === me().id || (scope === 'team' ? u.team?.id && u.team.id === me().team?.id : scope !== 'own');
}

/** Colleagues, asked for when the first picture is there. */
function useColleagues(ready) {
  const users = useLoad((o) => (ready ? get(pathOf(USER), { filter: 'active = true', sort: 'title', limit: 200, fields: 'title,team' }, o) : Promise.resolve(null)), [ready]);
  return users.data?.items.filter(mayBeSeen) ?? [{ id: me().id, title: me().name }];
}

function People({ list }) {
  const ids = people();
  const toggle = (id) => show(ids.includes(id) ? ids.filter((x) => x !== id) : [...ids, id]);
  const tick = (u) => html`<label key=${u.id} class=${`person hue-${hueOf(u.id)}`}><input type="checkbox" class="check check-hue" checked=${ids.includes(u.id)} onChange=${() => toggle(u.id)} /><span class="clip">${u.title}</span></label>`;
  const near = list.filter((u) => ids.includes(u.id) || u.id === me().id).slice(0, 5);
  return html`<div class="row push people" role="group" aria-label=${t('Whose calendars')}><span class="row wide-only">${near.map(tick)}</span>
    ${closing() && html`<button type="button" class="btn btn-sm" aria-pressed=${closes()} onClick=${() => setPref({ calendar: { ...prefs.value.calendar, closes: !closes() } })}>${t('Close dates')}</button>`}
    <${Popover} class="btn btn-sm" icon="users" label=${html`<span class="wide-only">${t('People')}</span>`} title=${t('People')} name=${t('Whose calendars')}>${() => html`<div class="choices">${list.map(tick)}</div>`}<//></div>`;
}

/** Whose an activity is of those chosen, first its owner; in columns it stands with each. */
function ofWhom(r, ids, columns) {
  const all = [r.owner?.id, ...(r.participants ?? []).filter((p) => p.entity === USER).map((p) => p.id)];
  const mine = [...new Set(all)].filter((id) => ids.includes(id));
  return columns ? mine : mine.slice(0, 1);
}

export default function Calendar() {
  const phone = matchMedia('(max-width: 47.99rem)').matches;
  const { query } = route.value;
  const mode = MODES[query.mode] ? query.mode : phone ? 'agenda' : 'week';
  const day = isDay(query.date) ? query.date : isoDay();
  const how = MODES[mode];
  const days = daysFrom(how.first(day), how.days());
  const { acts, away, deals } = useEvents(days[0], days.length, mode === 'agenda' ? [ABOUT] : []);
  const colleagues = useColleagues(Boolean(acts.data || acts.error));
  const ids = people();
  const alone = ids.length === 1 ? [me(), ...colleagues].find((u) => u.id === ids[0])?.team?.title : undefined; /* his team may work at hours of its own */
  const firm = useLoad((o) => get('/calendar', { from: days[0], until: days.at(-1), team: alone }, o), [days[0], days.length, alone]).data;
  const shown = mode === 'people' ? colleagues.filter((u) => ids.includes(u.id)) : [];
  const { moved, save } = useMove(acts.data);
  const [broken, setBroken] = useState(false);
  const [Finder, setFinder] = useState(null);
  useLive();
  const last = days.at(-1);
  const events = useMemo(() => (acts.data?.items ?? []).map((r) => ({ ...r, ...moved[r.id], locked: !may(entity(ACTIVITY), 'edit', r, me()) })).filter((r) => r.due).map((r) => { const of = ofWhom(r, ids, mode === 'people'); return { ...placed(r), of, hue: hueOf(of[0]) }; }).filter((x) => x.last >= days[0] && x.day <= last), [acts.data, moved, days[0], last, mode, ids.join()]);
  const marks = [...(firm?.holidays ?? []).map((h) => ({ id: `h ${h.from}`, text: h.name, from: h.from, until: h.until, shut: true, firm: true })),
    ...away.map((a) => ({ id: `a ${a.id}`, text: t('{name} is away', { name: a.user?.title ?? '' }), from: a.from, until: a.until ?? last, hue: hueOf(a.user?.id), of: a.user?.id, shut: true, to: `${pathOf(ABSENCE)}/${a.id}` })),
    ...deals.map((d) => ({ id: `d ${d.id}`, text: t('Closes: {name}', { name: d.title }), from: d[CLOSE], until: d[CLOSE], hue: hueOf(d.owner?.id), of: d.owner?.id, to: `${pathOf(DEAL)}/${d.id}` }))].filter((m) => m.from <= last && m.until >= days[0]);
  const create = ({ day: d, start, minutes, all: whole, of }) => startCreate(ACTIVITY, { ...(of ? { owner: shown.find((u) => String(u.id) === String(of)) } : {}), kind: 'meeting', due: d ?? (whole ? isoDay(start) : dueAt(start)), ...(minutes && !whole ? { duration: minutes } : {}) }, MEETING);
  const drop = (x, what) => { const change = changeOf(x, what, shown); return change && Object.keys(change).length ? save(x, change) : false; };
  const arrows = useArrows(events, save);
  const to = (n) => setQuery({ date: how.step(day, n) });
  const latest = useLatest({ to, events });
  useEffect(() => bindAll([['c', () => create(fromFocus(latest.current.events) ?? { day: isDay(route.value.query.date) ? route.value.query.date : isoDay() }), t('Create')], ['t', () => setQuery({ date: '' }), t('Today')],
    ...words().map(([id, text], i) => [String(i + 1), () => setQuery({ mode: id }), text]), ['PageUp', () => latest.current.to(-1), t('Earlier')], ['PageDown', () => latest.current.to(1), t('Later')], ['Shift+arrows', () => null, t('Move an event; with Alt, change its length')]]), []);
  const label = how.label(day);
  const hours = firm && (firm.always ? WEEKDAYS : firm.hours);
  return html`<div class="page"><${PageHead} title=${t('Calendar')} count=${phone ? how.brief(day) : label} create=${ACTIVITY} values=${{ kind: 'meeting', due: day }} how=${MEETING} />
    <div class="toolbar calendar-bar"><button type="button" class="btn btn-sm" onClick=${() => setQuery({ date: '' })}>${t('Today')}</button>
      <span class="row"><${IconButton} small icon="chevron-left" label=${t('Earlier')} onClick=${() => to(-1)} /><${IconButton} small icon="chevron-right" label=${t('Later')} onClick=${() => to(1)} /></span>
      <div class="segments" role="group" aria-label=${t('Layout')}>${words().map(([id, text]) => html`<button type="button" key=${id} class="btn btn-sm" aria-pressed=${mode === id} onClick=${() => setQuery({ mode: id })}>${text}</button>`)}</div><${People} list=${colleagues} /><${IconButton} small icon="calendar-check" label=${t('Find a time')} onClick=${() => fetched(findTime, (m) => setFinder(() => m.default))} /></div>
    ${Finder && html`<${Finder} ids=${ids} day=${day} onClose=${() => setFinder(null)} />`}
    <div class=${cx('page-body', mode !== 'agenda' && 'cal-body')} tabindex="0" role="region" aria-label=${label} onKeyDown=${arrows}>
      ${broken && html`<${Failed} title=${t('The calendar could not be loaded')} retry=${() => setBroken(false)} />`}
      ${acts.error && html`<${Failed} title=${t('The calendar could not be loaded')} text=${acts.error.message} retry=${acts.again} />`}
      ${!acts.data && !acts.error && html`<${SkeletonRows} cols=${7} />`}
      ${acts.data?.rest && html`<p class="card-body small">${t('There is more than can be shown. Choose fewer people or days.')}</p>`}
      ${acts.data && !broken && (mode === 'agenda' ? html`<${Agenda} days=${days} events=${events} marks=${marks} />`
        : html`<${Box} mode=${mode} day=${day} days=${days} events=${events} people=${shown} chosen=${ids.length} marks=${marks} hours=${hours} spoken=${spoken} drop=${drop} create=${create} open=${openEvent} follow=${(m) => go(m.to)} openDay=${(d) => setQuery({ mode: 'day', date: d })} failed=${() => setBroken(true)} />`)}</div></div>`;
}
