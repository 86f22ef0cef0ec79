// The week and the day of the calendar: a column a day, events by the clock,
// dragged to another time, and longer or shorter at their lower edge.
import { html, cx, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../lib/html.js';
import { now, parse, isoDay, clock, date } from '../lib/format.js';
import { locale, t, tn } from '../lib/i18n.js';
import { lanes, wallMinute } from '../lib/caldays.js';
import { hueOf, useLatest } from './basics.js';

const STEP = 15;
const DAY = 1440;
const HOURS = Array.from({ length: 24 }, (_, i) => i);
const FIRST_HOUR = 7;
const SLACK = 4; /* px that are no drag yet */

// Geometry is the one thing set from script, as custom properties on the node.
const place = (vars) => ({ style: Object.fromEntries(Object.entries(vars).map(([k, v]) => [`--${k}`, v])) });
const snap = (minute) => Math.round(minute / STEP) * STEP;
const weekday = (day) => parse(day).toLocaleDateString(locale.value, { weekday: 'short' });
const number = (day) => parse(day).getDate();

/** What a screen reader hears after time and subject. */
const spoken = (x) => `${date(x.day)}, ${x.all ? t('all day') : tn('{n} minute', '{n} minutes', Math.round((x.end - x.start) / 6e4))}, ${x.r.owner?.title ?? ''}${x.r.done_at ? `, ${t('done')}` : ''}`;

/** An event that can be dragged with a mouse; a key or a press opens it. */
const Event = ({ at: x, begin, open }) => html`<button type="button" data-event=${x.r.id} data-day=${x.day} class=${cx('event', `hue-${hueOf(x.r.owner?.id)}`, x.to - x.from <= 30 && 'event-short', x.r.done_at && 'is-done')}
      ...${place({ from: x.from / 60, len: (x.to - x.from) / 60, lane: x.lane, of: x.of })} onPointerDown=${(ev) => begin(ev, x)} onClick=${(ev) => open(ev, x.r)}>
    <span class="event-text"><span class="num">${clock(x.r.due)}</span> <b>${x.r.subject ?? x.r.title}</b></span><span class="sr-only">, ${spoken(x)}</span><span class="event-edge" data-edge></span></button>`;

const wall = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** What is dragged, where it would be; the rest stands still. */
const Ghost = ({ drag: d }) => html`<div class=${cx('event is-dragged', `hue-${hueOf(d.r.owner?.id)}`)} aria-hidden="true" ...${place({ from: d.from / 60, len: (d.to - d.from) / 60, lane: 0, of: 1 })}>
  <span class="event-text"><span class="num">${wall(d.from)}–${wall(d.to)}</span> <b>${d.r.subject ?? d.r.title}</b></span></div>`;

/** Where a pointer is among the columns: { day, minute }. */
function under(box, ev) {
  const columns = [...box.querySelectorAll('[data-column]')];
  const rects = columns.map((c) => c.getBoundingClientRect());
  const at = Math.max(0, rects.findIndex((r) => ev.clientX < r.right));
  const i = ev.clientX >= rects.at(-1).right ? columns.length - 1 : at;
  return { day: columns[i].dataset.column, minute: ((ev.clientY - rects[i].top) / rects[i].height) * DAY };
}

/** Dragging with a mouse or a pen; a finger scrolls. Escape leaves it as it was. */
function useDrag(box, move) {
  const [drag, setDrag] = useState(null);
  const held = useRef(null);
  const moved = useRef(false);
  const state = useLatest(move);
  const begin = (ev, x) => {
    if (ev.pointerType === 'touch' || ev.button !== 0 || x.r.locked) return;
    const edge = Boolean(ev.target.dataset?.edge !== undefined);
    held.current = { x, edge, y: ev.clientY, px: ev.clientX, grip: under(box.current, ev).minute - x.from };
    moved.current = false;
  };
  useEffect(() => {
    const over = (ev) => {
      const h = held.current;
      if (!h || (!moved.current && Math.abs(ev.clientY - h.y) + Math.abs(ev.clientX - h.px) < SLACK)) return;
      moved.current = true;
      const { day, minute } = under(box.current, ev);
      const long = h.x.to - h.x.from;
      const from = h.edge ? h.x.from : Math.max(0, Math.min(DAY - STEP, snap(minute - h.grip)));
      const to = h.edge ? Math.max(h.x.from + STEP, Math.min(DAY, snap(minute))) : Math.min(DAY, from + long);
      h.drop = { r: h.x.r, day: h.edge ? h.x.day : day, from, to, edge: h.edge };
      setDrag(h.drop);
    };
    const end = () => {
      const h = held.current;
      held.current = null;
      setDrag(null);
      if (moved.current && h?.drop && (h.drop.day !== h.x.day || h.drop.from !== h.x.from || h.drop.to !== h.x.to)) {
        state.current(h.x, h.edge ? { minutes: h.drop.to - h.x.from } : { day: h.drop.day, from: h.drop.from });
      }
    };
    const cancel = (ev) => { if (ev.key === 'Escape' && held.current) { held.current = null; setDrag(null); } };
    addEventListener('pointermove', over);
    addEventListener('pointerup', end);
    addEventListener('keydown', cancel);
    return () => { removeEventListener('pointermove', over); removeEventListener('pointerup', end); removeEventListener('keydown', cancel); };
  }, []);
  return { drag, begin, moved };
}

/** The hours nobody works, as [from, to] in minutes of a day. */
function off(hours, day) {
  if (!hours) return [];
  const spans = hours[(parse(day).getDay() + 6) % 7] ?? [];
  const out = [];
  let at = 0;
  for (const [from, to] of spans) { if (from > at) out.push([at, from]); at = to; }
  if (at < DAY) out.push([at, DAY]);
  return out;
}

const AllDay = ({ x, open, begin }) => html`<button type="button" data-event=${x.r.id} data-day=${x.day} class=${cx('allday clip', `hue-${hueOf(x.r.owner?.id)}`, x.r.done_at && 'is-done')} onPointerDown=${begin} onClick=${(ev) => open(ev, x.r)}>${x.r.subject ?? x.r.title}<span class="sr-only">, ${spoken(x)}</span></button>`;

/** Columns of days. `marks` are holidays and absences by day, `move(x, { day, from } or { minutes })` keeps a drag, `create(day, minute)` begins one. */
export default function Grid({ days, events, hours, marks, move, create, openEvent }) {
  const box = useRef(null);
  const { drag, begin, moved } = useDrag(box, move);
  const open = (ev, r) => { if (moved.current) { moved.current = false; return; } openEvent(r); };
  useLayoutEffect(() => { const body = box.current.closest('.page-body'); body.scrollTop = (box.current.querySelector('[data-column]').offsetHeight / 24) * FIRST_HOUR; }, [days[0]]);
  useLayoutEffect(() => {
    const lifted = drag && box.current.querySelector(`[data-event="${drag.r.id}"]`);
    lifted?.classList.add('is-lifted');
    return () => lifted?.classList.remove('is-lifted');
  }, [drag?.r.id]);
  const today = isoDay();
  /* A drag draws its ghost alone. */
  const columns = useMemo(() => new Map(days.map((d) => [d, lanes(events.filter((x) => !x.all && x.day === d)).map((x) => html`<${Event} key=${x.r.id} at=${x} begin=${begin} open=${open} />`)])), [events]);
  return html`<div class="week" ref=${box} ...${place({ days: days.length })}>
    <div class="week-top"><div class="week-head"><span></span>${days.map((d) => html`<div key=${d} class=${cx('week-day', d === today && 'is-today')}><span>${weekday(d)}</span> <b class="num">${number(d)}</b></div>`)}</div>
    <div class="week-all"><span class="tiny faint">${t('all day')}</span>${days.map((d) => html`<div key=${d}>${marks(d).map((m) => html`<span key=${m.text} class=${cx('allday clip', m.hue ? `hue-${m.hue}` : 'is-free')} title=${m.text}>${m.text}</span>`)}
      ${events.filter((x) => x.all && x.day === d).map((x) => html`<${AllDay} key=${x.r.id} x=${x} open=${open} begin=${() => { moved.current = false; }} />`)}</div>`)}</div></div>
    <div class="week-grid"><div class="week-hours" aria-hidden="true">${HOURS.map((h) => html`<span key=${h} class="num">${String(h).padStart(2, '0')}:00</span>`)}</div>
      ${days.map((d) => html`<div key=${d} data-column=${d} class="week-col" onDblClick=${(ev) => ev.target.closest('.event') || create(d, Math.floor(under(box.current, ev).minute / 30) * 30)}>
        ${off(hours, d).map(([from, to]) => html`<span key=${from} class="week-off" ...${place({ from: from / 60, len: (to - from) / 60 })}></span>`)}
        ${d === today && html`<span class="week-now" ...${place({ from: wallMinute(now()) / 60 })}></span>`}
        ${columns.get(d)}${drag?.day === d && html`<${Ghost} drag=${drag} />`}</div>`)}</div></div>`;
}
