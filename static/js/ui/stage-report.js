// How long records stay in each stage of a pipeline and where they go from there,
// in a period: a table over the board. The figures are the server's, from the history;
// those of stays open the list of them.
import { html, styled, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { t, rare } from '../lib/i18n.js';
import { number, isoDay, now } from '../lib/format.js';
import { Failed, Later, SkeletonLines, useLoad } from './basics.js';
import { Dialog } from './layers.js';

const YEAR = 365 * 864e5;
const days = (s) => (s === null || s === undefined ? '–' : t('{n} d', { n: number(s / 86400, { maximumFractionDigits: s < 864000 ? 1 : 0 }) }));
const count = (n) => (n ? number(n) : '–');

const LEFT = 1;
const HERE = 2;

const fetchStays = styled('stays', rare(() => import('./stage-stays.js')));

/** What stands in each column: [head, cell, the stays it is made of]. */
const COLUMNS = () => [
  [t('Entered'), (s) => count(s.entered)],
  [t('Left'), (s) => count(s.left), LEFT],
  [t('Went on'), (s) => count(s.forward)],
  [t('Went back'), (s) => count(s.back)],
  [t('Won'), (s) => count(s.won)],
  [t('Lost'), (s) => count(s.lost)],
  [t('Conversion'), (s) => (s.conversion === null ? '–' : `${number(Number(s.conversion), { maximumFractionDigits: 1 })} %`), LEFT],
  [t('Typical stay'), (s) => days(s.typical_s), LEFT],
  [t('There now'), (s) => count(s.here), HERE],
  [t('There since'), (s) => days(s.age_s), HERE],
];

/** A stay that is long against what is usual: half as much again. */
const stalls = (s) => s.typical_s !== null && s.age_s !== null && s.age_s >= 1.5 * s.typical_s;

/** A figure; where there are stays behind it, it opens them. */
function Figure({ s, cell, of, show }) {
  if (!of || !(of === HERE ? s.here : s.left)) return cell(s);
  return html`<button type="button" class="plain" onClick=${() => show({ stage: s, here: of === HERE })}>${cell(s)}<span class="sr-only">, ${t('show the rows')}</span></button>`;
}

function Table({ pipe, data, show }) {
  const open = pipe.stages.filter((s) => s.kind === 'open').map((s) => ({ ...s, ...data.stages.find((x) => x.id === s.id) }));
  return html`<div class="stage-report-rows" tabindex="0" role="region" aria-label=${t('Time in stage')}><table class="stage-report num"><thead><tr><th scope="col">${t('Stage')}</th>${COLUMNS().map(([head]) => html`<th scope="col" key=${head}>${head}</th>`)}</tr></thead>
    <tbody>${open.map((s) => html`<tr key=${s.id} class=${stalls(s) ? 'is-stalling' : ''}><th scope="row">${t(s.label)}${stalls(s) && html`<span class="badge badge-warn">${t('stalls')}</span>`}</th>${COLUMNS().map(([head, cell, of]) => html`<td key=${head}><${Figure} s=${s} cell=${cell} of=${of} show=${show} /></td>`)}</tr>`)}</tbody></table></div>
    <p class="small dim">${t('Won: {n}, typically after {days}. Lost: {m}, typically after {more}.', { n: number(data.won.count), days: days(data.won.cycle_s), m: number(data.lost.count), more: days(data.lost.cycle_s) })}</p>
    <p class="tiny faint">${t('Typical is the median of those that left in this time; conversion is how many of them went on or were won. What was undone does not count.')}</p>`;
}

export default function StageReport({ e, pipe, filter, onClose }) {
  const [from, setFrom] = useState(isoDay(new Date(now() - YEAR)));
  const [to, setTo] = useState(isoDay());
  const [shown, show] = useState(null);
  const valid = from && to && from <= to;
  // Until today is until now: the firm may have tomorrow already.
  const time = { from, to: to < isoDay() ? to : undefined, filter };
  const report = useLoad((o) => (valid ? get(`/boards/${pipe.id}/stages`, time, o) : Promise.resolve(null)), [pipe.id, from, to, filter, rowsOf(e.name), valuesOf(e.name)]);
  return html`<${Dialog} title=${t('Time in stage: {pipeline}', { pipeline: t(pipe.label) })} class="report-dialog" onClose=${onClose} foot=${html`<button type="button" class="btn btn-primary" onClick=${onClose}>${t('Close')}</button>`}>
    <div class="dialog-body"><div class="row wrap"><label class="field"><span class="label">${t('From')}</span><input class="input input-sm" type="date" value=${from} max=${to} onInput=${(ev) => setFrom(ev.target.value)} /></label>
      <label class="field"><span class="label">${t('To')}</span><input class="input input-sm" type="date" value=${to} min=${from} onInput=${(ev) => setTo(ev.target.value)} /></label></div>
    ${report.error ? html`<${Failed} title=${t('The figures could not be loaded')} text=${report.error.message} retry=${report.again} />`
      : report.data ? html`<${Table} pipe=${pipe} data=${report.data} show=${show} />` : valid ? html`<${SkeletonLines} lines=${5} />` : html`<p class="small faint">${t('The first day lies after the last.')}</p>`}
    ${shown && html`<${Later} load=${fetchStays} pipe=${pipe} days=${days} ...${shown} time=${time} close=${() => show(null)} />`}</div><//>`;
}
