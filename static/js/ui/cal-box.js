// The library's calendar in an element of ours: columns of days or of people, or a
// month; what is dragged, stretched or drawn there is handed back as days and minutes.
import { html, cx, useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { clock, isoDay, parse } from '../lib/format.js';
import { locale, t, tn } from '../lib/i18n.js';
import { dayPlus, elsewhere, wall } from '../lib/caldays.js';
import { eventCalendar } from '../lib/event-calendar.js';
import { useLatest } from './basics.js';

const VIEWS = { day: 'timeGridDay', week: 'timeGridWeek', month: 'dayGridMonth', people: 'resourceTimeGridDay' };
const DAY = 1440;
const FIRST_HOUR = '07:00:00'; /* half a slot less is on top: room for the words of the first line */
const PRESS_MS = 450;
const MANY = 40;

/** The hours nobody works, as [from, to] in minutes of a day. */
function off(hours, day) {
  if (!hours) return [];
  const out = [];
  let at = 0;
  for (const [from, to] of hours[(parse(day).getDay() + 6) % 7] ?? []) { if (from > at) out.push([at, from]); at = to; }
  if (at < DAY) out.push([at, DAY]);
  return out;
}
const two = (n) => String(n).padStart(2, '0');
const wallAt = (day, minute) => (minute === DAY ? `${dayPlus(day, 1)}T00:00` : `${day}T${two(Math.floor(minute / 60))}:${two(minute % 60)}`);

/** Days without times: the end is the day after. Text all along: the library reads a Date by the clock of today, an hour off in the other half of the year. */
const daysOf = (first, last) => ({ start: first, end: dayPlus(last, 1), allDay: true });
const FIXED = { startEditable: false, durationEditable: false };

const shade = (hours, days, ids) => days.flatMap((d) => off(hours, d).map(([from, to]) => ({ id: `off ${d} ${from}`, start: wallAt(d, from), end: wallAt(d, to), display: 'background', resourceIds: ids, extendedProps: {} })));

/** Days nobody works: holidays, and those on which all that are shown are away; side by side each has his own. */
const shut = ({ marks, days, mode, chosen }, ids) => days.flatMap((d) => {
  const free = marks.filter((m) => m.shut && m.from <= d && d <= m.until);
  const away = [...new Set(free.filter((m) => m.of).map((m) => String(m.of)))];
  const all = free.some((m) => m.firm) || (away.length > 0 && away.length >= chosen);
  return all || (mode === 'people' && away.length) ? [{ id: `shut ${d}`, start: wallAt(d, 0), end: wallAt(d, DAY), display: 'background', resourceIds: all ? ids : away, extendedProps: {} }] : [];
});

/** Without the hours of days that are shaded whole: one shade upon another would be darker. */
const besides = (hours, whole) => hours.flatMap((s) => {
  const day = whole.find((w) => w.start.slice(0, 10) === s.start.slice(0, 10));
  const left = s.resourceIds.filter((id) => !day?.resourceIds.includes(id));
  return !day || left.length ? [{ ...s, resourceIds: left }] : [];
});

/** What the library draws: activities, what stands above the days, and hours nobody works. */
function eventsOf(props) {
  const { events, marks, hours, days, mode, people } = props;
  const ids = people.map((p) => String(p.id));
  const whole = shut(props, ids);
  const planned = events.map((x) => ({ id: String(x.r.id), title: x.r.subject ?? x.r.title, ...(x.all ? daysOf(x.day, x.last) : { start: wall(x.start), end: wall(x.end), allDay: false }),
    resourceIds: x.of.map(String), startEditable: !x.r.locked, durationEditable: !x.r.locked && !x.all && mode !== 'month', extendedProps: { x } }));
  const above = marks.map((m) => ({ id: m.id, title: m.text, ...daysOf(m.from, m.until), resourceIds: m.of ? [String(m.of)] : ids, ...FIXED, extendedProps: { mark: m } }));
  return [...above, ...planned, ...(mode === 'month' ? [] : [...besides(shade(hours, days, ids), whole), ...whole])];
}

const node = (tag, cls, text) => Object.assign(document.createElement(tag), { className: cls, textContent: text });

const NOTHING = { domNodes: [] };

/** A button fills the box of the library, which is no element that can be pressed. */
function pressOf(event, x, said) {
  const b = Object.assign(node('button', 'cal-press', ''), { type: 'button' });
  b.dataset.event = event.id;
  b.dataset.day = isoDay(event.start);
  if (!event.allDay) b.append(node('span', 'num', clock(event.start.toISOString())), ' ');
  b.append(node('b', '', event.title));
  if (elsewhere(x.r.due)) b.append(' ', node('span', 'num cal-place', `(${elsewhere(x.r.due)})`));
  if (x.r.place && !event.allDay) b.append(' ', node('span', 'cal-place', x.r.place));
  b.append(node('span', 'sr-only', `, ${said}`));
  return { domNodes: [b] };
}

/** What stands in an event. The library asks for all of them at each step of a drag: what has not changed and stands in one place is given again as it is. */
function contentOf({ spoken, kept }, { event }) {
  const { x, mark } = event.extendedProps;
  if (event.display === 'background') return NOTHING;
  if (mark) return { domNodes: [mark.to ? Object.assign(node('button', 'cal-press clip', mark.text), { type: 'button' }) : node('span', 'clip', mark.text)] };
  if (!x) return { domNodes: [node('span', 'num', `${clock(event.start.toISOString())}–${clock(event.end.toISOString())}`)] }; /* what is being drawn */
  const said = spoken(x);
  if (x.day !== x.last || x.of.length > 1) return pressOf(event, x, said);
  const name = `${event.id} ${event.display}`;
  const key = `${Number(event.start)} ${Number(event.end)} ${event.title} ${x.r.place} ${said}`;
  /* One that goes to another day is asked for by its old box and its new one, in no order: each gets its own. */
  if (kept.get(name)?.key !== key || kept.get(name).fresh) {
    const now = { key, content: pressOf(event, x, said), fresh: true };
    kept.set(name, now);
    setTimeout(() => { now.fresh = false; });
  }
  return kept.get(name).content;
}

const SHORT_MS = 30 * 6e4;
const classesOf = ({ event }) => {
  const { x, mark } = event.extendedProps;
  if (event.display === 'background') return ['is-off'];
  if (mark) return [mark.hue ? `hue-${mark.hue}` : 'is-free', mark.shut ? 'is-mark' : 'is-deal'];
  return x ? [`hue-${x.hue}`, ...(x.r.done_at ? ['is-done'] : []), ...(event.end - event.start <= SHORT_MS ? ['is-short'] : [])] : [];
};

const LOOSE = ['table', 'grid', 'rowgroup', 'row', 'columnheader', 'rowheader', 'cell', 'gridcell'].map((r) => `[role=${r}]`).join();

/** Takes away what the library says to assistive programs and cannot hold: half a table. Every event says its day. Columns learn theirs. */
function tame(box, days) {
  box.querySelectorAll(LOOSE).forEach((el) => { for (const name of ['role', 'aria-colindex', 'aria-colspan', 'aria-colcount', 'aria-rowcount']) el.removeAttribute(name); });
  box.querySelectorAll('.ec-col-head [aria-label]').forEach((el) => el.removeAttribute('aria-label'));
  box.querySelectorAll('.ec-time-grid .ec-body .ec-day').forEach((el, i) => { el.dataset.column = days[i % days.length]; });
}

/** The library makes a button of what we fill with one. */
function mounted({ el, event }) {
  el.removeAttribute('role');
  el.removeAttribute('tabindex');
  if (event.display === 'background') el.setAttribute('aria-hidden', 'true');
}

/** The day of a month as a button that opens it. */
const dayButton = (open) => ({ date }) => {
  const b = Object.assign(node('button', 'cal-n num', date.getDate()), { type: 'button', title: date.toLocaleDateString(locale.value, { weekday: 'long', day: 'numeric', month: 'long' }), onclick: (e) => { e.stopPropagation(); open(isoDay(date)); } });
  b.setAttribute('aria-label', b.title);
  b.onpointerdown = (e) => e.stopPropagation();
  return { domNodes: [b] };
};

/** Hands back what was dragged; what is not taken stands where it was. */
function settle(at, event, what) {
  const { left, drop, calendar, list } = at.current;
  if (left || drop(event.extendedProps.x, what) === false) calendar.updateEvent(list.find((e) => e.id === event.id));
}

const hours24 = { hour: '2-digit', minute: '2-digit' };

function optionsFor(p, at) {
  const grid = p.mode !== 'month';
  return {
    view: VIEWS[p.mode], date: p.mode === 'month' ? p.day : p.days[0], events: at.current.list, resources: p.people.map((u) => ({ id: String(u.id), title: u.title ?? '' })),
    locale: locale.value, firstDay: 1, height: '100%', headerToolbar: { start: '', center: '', end: '' }, allDayContent: { domNodes: [node('span', '', t('all day'))] },
    scrollTime: FIRST_HOUR, slotDuration: '00:30:00', snapDuration: '00:15:00', slotEventOverlap: false, nowIndicator: true, dayMaxEvents: true, editable: true, eventStartEditable: true, eventDurationEditable: true,
    longPressDelay: PRESS_MS, slotLabelFormat: hours24, columnWidth: p.mode === 'people' ? 'minmax(7rem, 1fr)' : undefined,
    dayHeaderFormat: grid ? { weekday: 'short', day: 'numeric' } : { weekday: 'short' },
    ...(grid ? {} : { dayCellContent: dayButton((d) => at.current.openDay(d)), moreLinkContent: ({ num }) => tn('{n} more', '{n} more', num) }),
    eventContent: (o) => contentOf(at.current, o), eventTimeFormat: () => '', eventClassNames: classesOf, eventDidMount: mounted,
    eventClick: ({ event }) => { const { x, mark } = event.extendedProps; if (x) at.current.open(x); else if (mark?.to) at.current.follow(mark); },
    selectable: true, dragConstraint: () => !at.current.left, resizeConstraint: () => !at.current.left, selectConstraint: () => !at.current.left,
    eventDrop: ({ event, oldResource, newResource }) => settle(at, event, { start: event.start, from: oldResource?.id, to: newResource?.id }),
    eventResize: ({ event }) => settle(at, event, { minutes: Math.round((event.end - event.start) / 6e4) }),
    select: ({ start, end, allDay, resource }) => { at.current.calendar.unselect(); if (!at.current.left) at.current.create({ start, minutes: (end - start) / 6e4, all: allDay, of: resource?.id }); at.current.left = false; },
    dateClick: ({ date, allDay, resource, jsEvent }) => { if (jsEvent.pointerType !== 'mouse') at.current.create({ start: date, all: allDay, of: resource?.id }); },
  };
}

/** Gives the library what differs; everything where that is much. */
function renew(calendar, old, list, signs) {
  const gone = [...old.keys()].filter((id) => !signs.has(id));
  const changed = list.filter((e) => old.get(e.id) !== signs.get(e.id));
  if (gone.length + changed.length > MANY) { calendar.setOption('events', list); return; }
  gone.forEach((id) => calendar.removeEventById(id));
  changed.forEach((e) => (old.has(e.id) ? calendar.updateEvent(e) : calendar.addEvent(e)));
}

/** Draws anew; the focus stays with the event that had it. */
function redraw(box, days, run) {
  const id = document.activeElement?.dataset?.event;
  const back = () => { if (id && (document.activeElement === document.body || !document.activeElement)) box.querySelector(`[data-event="${id}"]`)?.focus(); };
  run();
  Promise.resolve().then(back); /* before the next key */
  requestAnimationFrame(() => { tame(box, days); back(); });
}

/**
 * `people` are the columns of the mode people; `events` are placed activities with
 * { of: ids of people, hue }, `marks` stand above days. `drop(x, { start, from, to } or
 * { minutes })` keeps a drag, `create({ start, minutes, all, of })` begins one.
 */
export default function Box(props) {
  const { mode, days, people, failed } = props;
  const box = useRef(null);
  const at = useLatest(null);
  const list = eventsOf(props);
  const signs = new Map(list.map((e) => [e.id, JSON.stringify(e)]));
  at.current = Object.assign(useRef({ left: false, kept: new Map() }).current, props, { list, signs });
  useEffect(() => {
    let gone = false;
    const node = box.current;
    eventCalendar().then((lib) => {
      if (gone) return;
      at.current.drawn = at.current.signs;
      at.current.kept.clear();
      at.current.calendar = lib.create(node, optionsFor({ ...props, people }, at));
      requestAnimationFrame(() => { tame(node, days); node.dataset.ready = days[0]; });
    }, failed);
    return () => {
      gone = true;
      const { calendar } = at.current;
      at.current.calendar = null;
      delete node.dataset.ready;
      if (calendar) eventCalendar().then((lib) => lib.destroy(calendar));
    };
  }, [mode, days[0], days.length, locale.value, people.map((p) => p.id + p.title).join()]);
  useLayoutEffect(() => {
    const { calendar, drawn } = at.current;
    if (!calendar) return;
    redraw(box.current, days, () => renew(calendar, drawn, list, signs));
    at.current.drawn = signs;
  }, [[...signs.values()].join()]);
  useEffect(() => {
    const cancel = (e) => {
      if (e.key !== 'Escape' || !box.current.querySelector('.ec-preview')) return;
      at.current.left = true;
      e.stopPropagation();
    };
    const begin = () => { at.current.left = false; };
    addEventListener('keydown', cancel, true);
    addEventListener('pointerdown', begin, true);
    return () => { removeEventListener('keydown', cancel, true); removeEventListener('pointerdown', begin, true); };
  }, []);
  const dbl = (e) => { const hit = !e.target.closest('.ec-event') && at.current.calendar?.dateFromPoint(e.clientX, e.clientY); if (hit) at.current.create({ start: hit.date, all: hit.allDay, of: hit.resource?.id }); };
  /* The days that do not fit: the day itself opens, not a window of the library's. */
  const more = (e) => { const day = e.target.closest?.('.ec-day-foot a') && e.target.closest('.ec-day').querySelector('time').dateTime; if (day && (e.type === 'click' || e.key === 'Enter')) { e.stopPropagation(); e.preventDefault(); props.openDay(day); } };
  return html`<div ref=${box} class=${cx('cal-box', `cal-${mode}`)} onDblClick=${dbl} onClickCapture=${more} onKeyDownCapture=${more}></div>`;
}
