// What changed in pipelines since a day: how many are new, won, lost, moved,
// worth more or less, later or gone, what that comes to, and which they are.
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { fieldOf, pipelinesOf, stageOf } from '../lib/meta.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { Link, onDay, pastDay } from '../lib/router.js';
import { t, tn, key } from '../lib/i18n.js';
import { now, isoDay, money, moneyShort, date, dayMonth } from '../lib/format.js';
import { Icon, FailedLine, SkeletonLines, useLoad } from './basics.js';
import { Dialog } from './layers.js';

const SHOWN = 50;
/** By the server's word: what it is called, its icon, how it reads. */
const KINDS = {
  new: [key('New'), 'plus', ''],
  won: [key('Won'), 'trophy', 'good'],
  lost: [key('Lost'), 'thumbs-down', 'bad'],
  moved: [key('Moved to another stage'), 'arrow-right', ''],
  amount: [key('Amount changed'), 'banknote', ''],
  slipped: [key('Closing later'), 'calendar-clock', 'warn'],
  sooner: [key('Closing sooner'), 'calendar-check', ''],
  removed: [key('In the bin'), 'trash-2', 'bad'],
};

/** The Monday since which one looks back, as a day; on a Monday that is the one before. */
export function monday(day) {
  const d = day ? new Date(`${day}T12:00`) : now();
  d.setDate(d.getDate() - ((d.getDay() + 6) % 7 || 7));
  return isoDay(d);
}

const signed = (m) => (Number(m.value) > 0 ? '+' : '') + moneyShort(m);
const amount = (r, side) => r[`amount${side}`];

/** What became of one record, in words; every part is already text for people. */
function became(e, kind, r) {
  const stage = (side) => { const s = stageOf(e, r[`stage${side}`], r[`pipeline${side}`]); return s ? t(s.label) : r[`stage${side}`] ?? '–'; };
  if (kind === 'moved') return t('{from} › {to}', { from: stage('_before'), to: stage('') });
  if (kind === 'amount') return t('{from} › {to}', { from: money(amount(r, '_before')), to: money(amount(r, '')) });
  if (kind === 'slipped' || kind === 'sooner') return t('{from} › {to}', { from: date(r.close_date_before), to: date(r.close_date) });
  return stage(kind === 'removed' ? '_before' : '');
}

const Row = ({ e, kind, r }) => html`<li class="changed-row"><${Link} class="plain strong clip" to=${onDay(`/${e.plural}/${r.id}`)}>${r.title ?? t('Hidden')}<//>
  <span class="small dim">${became(e, kind, r)}</span><span class="small faint clip">${r.owner?.title}</span>
  <span class="num end">${kind !== 'amount' && (amount(r, '') ?? amount(r, '_before')) ? money(amount(r, '') ?? amount(r, '_before')) : ''}</span></li>`;

function Kind({ e, kind, open }) {
  const [label, icon, tone] = KINDS[kind.id];
  const sum = kind.sum && (kind.id === 'amount' ? signed(kind.sum) : moneyShort(kind.sum));
  if (!kind.count) return null;
  return html`<details class="changed-kind" onToggle=${(ev) => ev.currentTarget.open && open()}><summary class="row"><span class=${cx('changed-mark', tone && `is-${tone}`)}><${Icon} name=${icon} /></span>
      <span class="grow">${t(label)}</span><span class="badge badge-count">${kind.count}</span><b class="num strong changed-sum" title=${kind.sum && money(kind.sum)}>${sum}</b></summary>
    <ul>${kind.items.map((r) => html`<${Row} key=${r.id} e=${e} kind=${kind.id} r=${r} />`)}</ul>
    ${kind.items.length > 0 && kind.count > kind.items.length && html`<p class="small faint">${tn('and {n} more', 'and {n} more', kind.count - kind.items.length)}</p>`}</details>`;
}

/** The kinds, with their records once one of them is opened; `since` a day, `filter` and `pipe` as the page has them. */
export function Changed({ e, pipe, filter, since }) {
  const as_of = pastDay();
  const [limit, setLimit] = useState(0);
  const open = () => setLimit(SHOWN);
  const list = useLoad((o) => get('/forecast/changes', { pipeline: pipe?.id, since, filter, as_of, limit }, o), [pipe?.id, since, filter, as_of, limit, rowsOf(e.name), valuesOf(e.name)]);
  if (list.error) return html`<${FailedLine} text=${t('The changes could not be loaded')} retry=${list.again} />`;
  if (!list.data) return html`<${SkeletonLines} lines=${5} />`;
  const some = list.data.kinds.some((k) => k.count);
  return html`<div class="changed">${some ? list.data.kinds.map((k) => html`<${Kind} key=${k.id} e=${e} kind=${k} open=${open} />`) : html`<p class="small faint">${t('Nothing changed since then.')}</p>`}</div>`;
}

/** Asks for the day. */
export const Since = ({ since, set }) => html`<label class="row changed-since"><span class="small dim">${t('Since')}</span>
  <input class="input input-sm" type="date" required max=${pastDay() || isoDay()} value=${since} onChange=${(ev) => ev.target.value && set(ev.target.value)} /></label>`;

/** The same over a board or forecast. */
export function ChangedDialog({ e, pipe, filter, close }) {
  const [since, set] = useState(monday());
  const which = pipelinesOf(e).length > 1 && pipe ? `: ${t(pipe.label)}` : '';
  return html`<${Dialog} title=${t('What changed') + which} onClose=${close} foot=${null} class="changed-dialog"><div class="dialog-body"><${Since} since=${since} set=${set} />
    <${Changed} e=${e} pipe=${pipe} filter=${filter} since=${since} /></div><//>`;
}

/** On the home page: a card of its own. */
export function ChangedCard({ e }) {
  const [since, set] = useState(monday());
  if (!fieldOf(e, 'stage')) return null;
  return html`<section class="card" aria-labelledby="h-changed"><div class="card-head"><h2 id="h-changed">${since === monday() ? t('What changed since Monday') : t('What changed since {day}', { day: dayMonth(since) })}</h2>
    <span class="push"><${Since} since=${since} set=${set} /></span></div><div class="card-body"><${Changed} e=${e} since=${since} /></div></section>`;
}
