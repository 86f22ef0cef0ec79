// Find a time: whom to meet and for how long; the next times at which all are free.
// Of what they are busy with nothing is told, only when.
import { html, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { pathOf } from '../lib/meta.js';
import { ACTIVITY, USER } from '../lib/names.js';
import { me } from '../lib/store.js';
import { t, tn } from '../lib/i18n.js';
import { clock, isoDay, longDay, parse } from '../lib/format.js';
import { MEETING, dueAt } from '../lib/caldays.js';
import { Failed, SkeletonLines, hueOf, useLoad } from './basics.js';
import { Dialog } from './layers.js';
import { startCreate } from './open.js';

const LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240];
const DAYS = 14;
const MOST = 20; /* people the server compares */
const FEW_TIMES = 6;
const FEW_DAYS = 4;

const dayOf = (iso) => isoDay(parse(iso));
/** Slots by the day they are on here: [[day, slots]]. */
const byDay = (slots) => [...slots.reduce((m, s) => m.set(dayOf(s.from), [...(m.get(dayOf(s.from)) ?? []), s]), new Map())];

/** "max: 09:00–10:30, 14:00–15:00" of those who are busy on a day. */
function busyOn(day, busy, users) {
  return busy.map((b) => [users.find((u) => u.id === b.user)?.title, b.spans.filter((s) => dayOf(s.from) <= day && day <= dayOf(new Date(parse(s.until) - 1).toISOString()))])
    .filter(([, spans]) => spans.length).map(([name, spans]) => `${name}: ${spans.map((s) => `${clock(s.from)}–${clock(s.until)}`).join(', ')}`).join('; ');
}

function Day({ day, list, taken, choose }) {
  const [whole, setWhole] = useState(list.length <= FEW_TIMES + 1);
  return html`<section><h3 class="agenda-day">${longDay(parse(day))}</h3>
    <div class="row free-slots">${(whole ? list : list.slice(0, FEW_TIMES)).map((s) => html`<button type="button" key=${s.from} class="btn btn-sm num" onClick=${() => choose(s)}>${clock(s.from)}–${clock(s.until)}</button>`)}
      ${!whole && html`<button type="button" class="btn btn-sm btn-quiet" onClick=${() => setWhole(true)}>${tn('{n} later time', '{n} later times', list.length - FEW_TIMES)}</button>`}</div>
    ${taken && html`<p class="small faint">${t('Busy: {who}', { who: taken })}</p>`}</section>`;
}

function Slots({ ask, minutes, users, choose }) {
  const [days, setDays] = useState(FEW_DAYS);
  const answer = useLoad((o) => get('/calendar/free', { users: ask.ids.join(), minutes, from: ask.from, days: DAYS }, o), [ask.ids.join(), minutes, ask.from]);
  if (answer.error) return html`<${Failed} title=${t('The calendar could not be loaded')} text=${answer.error.message} retry=${answer.again} />`;
  if (!answer.data) return html`<${SkeletonLines} lines=${4} />`;
  const { slots, busy } = answer.data;
  if (!slots.length) return html`<p class="dim" role="status">${tn('Not all have that much time at once within {n} day.', 'Not all have that much time at once within {n} days.', DAYS)}</p>`;
  const all = byDay(slots);
  const more = all.length - days;
  return html`<div class="stack" aria-live="polite">${all.slice(0, days).map(([day, list]) => html`<${Day} key=${`${day} ${list.length}`} day=${day} list=${list} taken=${busyOn(day, busy, users)} choose=${choose} />`)}
    ${more > 0 && html`<p><button type="button" class="btn btn-sm" onClick=${() => setDays(all.length)}>${tn('{n} more day', '{n} more days', more)}</button></p>`}</div>`;
}

export default function FindTime({ ids: chosen, day, onClose }) {
  const users = useLoad((o) => get(pathOf(USER), { filter: 'active = true', sort: 'title', limit: 200, fields: 'title' }, o), []);
  const [ids, setIds] = useState([...new Set([me().id, ...chosen])]);
  const [minutes, setMinutes] = useState(60);
  const [from, setFrom] = useState(day < isoDay() ? isoDay() : day);
  const list = users.data?.items ?? [{ id: me().id, title: me().name }];
  const full = ids.length >= MOST;
  const toggle = (id) => setIds(ids.includes(id) ? ids.filter((x) => x !== id) : [...ids, id]);
  const choose = (slot) => {
    onClose();
    const others = list.filter((u) => ids.includes(u.id) && u.id !== me().id).map((u) => ({ id: u.id, title: u.title, entity: USER }));
    startCreate(ACTIVITY, { kind: 'meeting', due: dueAt(parse(slot.from)), duration: minutes, ...(others.length ? { participants: others } : {}) }, MEETING);
  };
  return html`<${Dialog} title=${t('Find a time')} onClose=${onClose} foot=${html`<button type="button" class="btn" onClick=${onClose}>${t('Cancel')}</button>`}>
    <div class="dialog-body stack"><fieldset class="free-people"><legend class="small dim">${t('Who')}</legend>${list.map((u) => html`<label key=${u.id} class=${`person hue-${hueOf(u.id)}`}><input type="checkbox" class="check check-hue" checked=${ids.includes(u.id)} disabled=${full && !ids.includes(u.id)} onChange=${() => toggle(u.id)} /><span class="clip">${u.title}</span></label>`)}</fieldset>
      ${full && html`<p class="small dim">${t('More than {n} people are not looked at together.', { n: MOST })}</p>`}
      <div class="row"><label class="stack-tight"><span class="small dim">${t('How long')}</span><select class="select" value=${minutes} onChange=${(e) => setMinutes(Number(e.target.value))}>${LENGTHS.map((n) => html`<option key=${n} value=${n}>${tn('{n} minute', '{n} minutes', n)}</option>`)}</select></label>
        <label class="stack-tight"><span class="small dim">${t('From')}</span><input class="input" type="date" value=${from} onChange=${(e) => e.target.value && setFrom(e.target.value)} /></label></div>
      ${ids.length ? html`<${Slots} ask=${{ ids, from }} minutes=${minutes} users=${list} choose=${choose} />` : html`<p class="dim">${t('Choose somebody.')}</p>`}</div><//>`;
}
