// The stays behind the figures of a stage: those that left it in a time (without
// one in the last twelve months) and where they went, or those there now; longest first.
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, stageOf, pipeline } from '../lib/meta.js';
import { explain, rowsOf } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { Link } from '../lib/router.js';
import { t, tn } from '../lib/i18n.js';
import { date, moment, number, percent } from '../lib/format.js';
import { Empty, Failed, Icon, SkeletonLines, useLoad } from './basics.js';
import { Dialog } from './layers.js';

const PAGE = 50;
const passed = (s) => s.forward + s.won;

/** How the figures come from the rows, in words; `days` writes a time down as the page does. */
const said = (s, here, days) => [
  here ? tn('{n} is in this stage now.', '{n} are in this stage now.', s.here)
    : t('{n} of {all} that left moved on or were won: {rate}.', { n: number(passed(s)), all: number(s.left), rate: percent(s.conversion / 100) }),
  here ? t('Half of them are there for {days} or longer: that is the median.', { days: days(s.age_s) })
    : t('Half of them stayed {days} or longer: that is the median, what is normal.', { days: days(s.typical_s) })].join(' ');

/** Where it went: a stage, with its pipeline if that is another. */
function Way({ pipe, r }) {
  const e = entity(pipe.entity);
  const to = stageOf(e, r.to_stage, r.to_pipeline);
  const other = r.to_pipeline !== pipe.id ? `${t(pipeline(r.to_pipeline)?.label ?? r.to_pipeline)}: ` : '';
  const on = r.way === 'forward' || r.way === 'won';
  return html`<span class=${cx('stay-way', !on && 'faint')}>${on && html`<${Icon} name="check" />`}${other}${to ? t(to.label) : r.to_stage}${on && html`<span class="sr-only">, ${t('passed')}</span>`}</span>`;
}

/** On a phone its days stand under its name. */
const Row = ({ pipe, r, here, days }) => html`<tr><th scope="row"><${Link} class="plain strong" to=${`/${entity(pipe.entity).plural}/${r.id}`}>${r.title}<//>
    <div class="phone-only tiny faint">${date(r.entered_at)}${!here && ` – ${date(r.left_at)}`}</div></th>
  <td class="num wide-only" title=${moment(r.entered_at)}>${date(r.entered_at)}</td>${!here && html`<td class="num wide-only" title=${moment(r.left_at)}>${date(r.left_at)}</td>`}
  <td class="end num">${days(r.stay_s)}</td>${!here && html`<td><${Way} pipe=${pipe} r=${r} /></td>`}</tr>`;

function Rows({ pipe, here, days, data, items, next, more, time }) {
  if (!data.count) return html`<${Empty} icon="hourglass" title=${here ? t('Nothing is in this stage now') : time ? t('Nothing left this stage in this time') : t('Nothing left this stage in the last 12 months')} />`;
  return html`<p class="small dim">${said(data.stage, here, days)}</p>
    <table class="table"><thead><tr><th scope="col">${t(entity(pipe.entity).label)}</th><th scope="col" class="wide-only">${t('Entered')}</th>
      ${!here && html`<th scope="col" class="wide-only">${t('Left')}</th>`}<th scope="col" class="end">${here ? t('There for') : t('Stayed')}</th>${!here && html`<th scope="col">${t('Went to')}</th>`}</tr></thead>
      <tbody>${items.map((r) => html`<${Row} key=${`${r.id} ${r.entered_at}`} pipe=${pipe} r=${r} here=${here} days=${days} />`)}</tbody></table>
    ${next && html`<button type="button" class="btn btn-sm" onClick=${more}>${t('Show more')}</button>`}`;
}

/** `time`: { from, to, filter } of the figures, as the server was asked for them. */
export default function StageStays({ pipe, stage, here: first, days, close, time }) {
  const [here, setHere] = useState(first);
  const [rest, setRest] = useState({});
  const ask = { stage: stage.id, here: here ? 1 : undefined, limit: PAGE, ...time };
  const list = useLoad((o) => get(`/boards/${pipe.id}/stays`, ask, o).then((a) => ({ ...a, here })), [pipe.id, stage.id, here, time?.from, time?.to, time?.filter, rowsOf(pipe.entity)]);
  const data = list.data?.here === here ? list.data : null;
  const after = data && rest.of === data ? rest : { items: [], next: data?.next };
  const more = () => get(`/boards/${pipe.id}/stays`, { ...ask, from: data.from, to: data.to, cursor: after.next })
    .then((a) => setRest({ of: data, items: [...after.items, ...a.items], next: a.next }), (error) => toast(explain(error), { bad: true }));
  const tab = (on, label) => html`<button type="button" class="btn btn-sm" aria-pressed=${on === here} onClick=${() => setHere(on)}>${label}</button>`;
  return html`<${Dialog} title=${pipe.many ? `${t(pipe.label)}: ${t(stage.label)}` : t(stage.label)} class="stays-dialog" onClose=${close} foot=${null}><div class="dialog-body">
    <div class="segments" role="group" aria-label=${t('Which stays')}>${tab(false, time ? t('Left in this time') : t('Left in the last 12 months'))}${tab(true, t('There now'))}</div>
    ${list.error ? html`<${Failed} title=${t('The rows could not be loaded')} text=${explain(list.error)} retry=${list.again} />`
      : data ? html`<${Rows} pipe=${pipe} here=${here} days=${days} data=${data} items=${[...data.items, ...after.items]} next=${after.next} more=${more} time=${time} />` : html`<${SkeletonLines} lines=${6} />`}</div><//>`;
}
