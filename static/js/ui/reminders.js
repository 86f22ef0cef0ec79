// The bar of reminders above every page: what is due soon, opened, done or put
// off from there; told outside the page too where the reader allows it.
import { html, useEffect, useState } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { told } from '../lib/live.js';
import { pathOf } from '../lib/meta.js';
import { go, Link } from '../lib/router.js';
import { explain, rowsOf, valuesOf } from '../lib/records.js';
import { ACTIVITY } from '../lib/names.js';
import { due, isoDay, now, parse } from '../lib/format.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { Icon, IconButton, useLoad } from './basics.js';
import { MenuButton, MenuItem } from './layers.js';
import { recount } from './bell.js';
import { finish, tick } from './tick.js';

const SHOWN = 2;
const LAST = 'kontor.reminded';
const KEPT = 200;
const outside = () => ('Notification' in window ? Notification.permission : 'denied');
/** Ids of what was told last; what waited for the end of quiet hours has a smaller one than what did not. */
const toldBefore = () => { try { return [JSON.parse(localStorage.getItem(LAST)) ?? []].flat(); } catch { return []; } };

/** Outside the page, once in all tabs of this browser. */
function tellOutside(items) {
  const before = toldBefore();
  const fresh = items.filter((n) => !before.includes(n.id));
  if (!fresh.length || outside() !== 'granted') return;
  try { localStorage.setItem(LAST, JSON.stringify([...before, ...fresh.map((n) => n.id)].slice(-KEPT))); } catch { /* storage is off */ }
  for (const n of fresh) {
    const shown = new Notification(n.record.title, { body: n.about.due ? due(n.about.due) : '', tag: `kontor-${n.id}` });
    shown.onclick = () => { window.focus(); go(`${pathOf(n.record.entity)}/${n.record.id}`); shown.close(); };
  }
}

/** Minutes until tomorrow at nine. */
const untilMorning = () => { const d = new Date(`${isoDay()}T09:00`); d.setDate(d.getDate() + 1); return Math.max(1, Math.round((d - now()) / 6e4)); };

/** Minutes to a quarter of an hour before it is due; 0: that is over. */
const untilShortly = (at) => (at?.length > 10 ? Math.max(0, Math.floor((parse(at) - now()) / 6e4) - 15) : 0);

const read = (all) => Promise.all(all.map((n) => post('/notifications/seen', { id: n.id })));

/** What is due, once, however often one wanted to be reminded of it. */
function Item({ all, seen, asked, ask }) {
  const [n, ...rest] = all;
  const later = (minutes) => post('/notifications/snooze', { id: n.id, minutes }).then(() => read(rest)).then(seen, (bad) => toast(explain(bad), { bad: true }));
  const step = { id: n.record.id, subject: n.record.title };
  const shortly = untilShortly(n.about.due);
  return html`<div class="row reminder"><${Icon} name="alarm-clock" />
    <span class="grow clip"><${Link} to=${`${pathOf(n.record.entity)}/${n.record.id}`} class="strong">${n.record.title}<//>${n.about.due && html` <span class="num">${due(n.about.due)}</span>`}</span>
    <button type="button" class="btn btn-sm" aria-label=${t('Done')} title=${t('Done')} onClick=${() => tick(step).then(seen)}><${Icon} name="check" /><span class="wide-only">${t('Done')}</span></button>
    <${IconButton} small icon="calendar-clock" label=${t('Done, and what comes next')} onClick=${() => finish(step)} />
    <${MenuButton} class="btn btn-sm" icon="bell" label=${html`<span class="wide-only">${t('Later')}</span>`} title=${t('Later')} name=${t('Remind me again')}>
      ${shortly > 0 && html`<${MenuItem} label=${t('15 minutes before')} onClick=${() => later(shortly)} />`}
      ${[[10, t('In 10 minutes')], [60, t('In an hour')], [180, t('In 3 hours')], [untilMorning(), t('Tomorrow morning')]].map(([m, label]) => html`<${MenuItem} key=${label} label=${label} onClick=${() => later(m)} />`)}
      ${asked === 'default' && html`<${MenuItem} icon="bell" label=${t('Remind me outside this page, too')} onClick=${ask} />`}<//>
    <${IconButton} small icon="x" label=${t('Dismiss')} onClick=${() => read(all).then(seen)} /></div>`;
}

export default function Reminders() {
  const list = useLoad((o) => get('/notifications', { unseen: 1, kind: 'step', limit: 50 }, o), [told.value, rowsOf(ACTIVITY), valuesOf(ACTIVITY)]);
  const [asked, setAsked] = useState(outside());
  const items = (list.data?.items ?? []).filter((n) => n.kind === 'step' && n.record);
  useEffect(() => tellOutside(items), [items.map((n) => n.id).join()]);
  if (!items.length) return null;
  const seen = () => { list.again(); recount(); };
  const groups = [...Map.groupBy(items, (n) => n.record.id).values()];
  const ask = () => Notification.requestPermission().then(setAsked);
  return html`<div class="reminders" role="region" aria-label=${t('Reminders')}>${groups.slice(0, SHOWN).map((all) => html`<${Item} key=${all[0].record.id} all=${all} seen=${seen} asked=${asked} ask=${ask} />`)}
    ${groups.length > SHOWN && html`<p class="small">${tn('{n} more reminder', '{n} more reminders', groups.length - SHOWN)}</p>`}</div>`;
}
