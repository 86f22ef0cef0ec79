// Sales on the home page: the quarter against its target, the pipelines, and
// where records stay longer than they used to. Every figure opens its rows.
import { html, cx, styled, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { fieldOf, pathOf, pipelinesOf, entity } from '../lib/meta.js';
import { ACTIVITY, DONE } from '../lib/names.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { listAddress, monthAfter, quarterOf, rowsBehind } from '../lib/forecast.js';
import { quote } from '../lib/query.js';
import { prefs, setPref, me, isAdmin } from '../lib/store.js';
import { Link } from '../lib/router.js';
import { t, tn, noun, rare } from '../lib/i18n.js';
import { countText, money, moneyShort, number, percent, daysFromNow } from '../lib/format.js';
import { FailedLine, Later, Notice, SkeletonLines, useLoad } from './basics.js';
import { Bar } from './charts.js';
import { CellBar, amountOf, hasAmounts, leads } from './outlook.js';

const MINE = 'owner = me';
const DAY_S = 86400;
/** How much longer than usual is worth a word. */
const SLOW = 1.5;

const Card = ({ id, title, extra, children }) => html`<section class="card" aria-labelledby=${id}>
  <div class="card-head"><h2 id=${id}>${title}</h2>${extra}</div>${children}</section>`;

/* --- the quarter --- */

const plus = (a, b) => ({ value: amountOf(a) + amountOf(b), currency: a.currency });

/** What is won and sure, of how much, as a sentence with links. */
function Lead({ cell, link, forecast }) {
  if (!hasAmounts(cell)) return html`<p class="big num"><${Link} class="plain" to=${link('won')}>${tn('{n} won', '{n} won', cell.won_count)}<//></p>`;
  const sure = plus(cell.won, cell.commit);
  const gap = amountOf(cell.gap);
  const rest = !cell.target ? t('won and committed')
    : gap > 0 ? t('of {target}, {gap} to find', { target: moneyShort(cell.target), gap: moneyShort(cell.gap) })
    : t('of {target}, {more} above it', { target: moneyShort(cell.target), more: moneyShort({ ...cell.gap, value: -gap }) });
  return html`<p class="big num"><${Link} class="plain" to=${link('won', 'commit')}>${money({ ...sure, value: Math.round(sure.value) })}<//> <span class="dim small">${cell.target ? html`<${Link} class="plain" to=${forecast}>${rest}<//>` : rest}</span></p>`;
}

/** The chart of the quarter, its legend a link for each part. */
function Quarter({ data, link, forecast, was }) {
  const { total: cell } = data;
  const to = (address, text) => html`<${Link} class="plain" to=${address}>${text}<//>`;
  const part = (name, swatch, label) => html`<${Link} class="key plain" to=${link(name)}><span class=${`swatch swatch-${swatch}`}></span>${label} ${moneyShort(cell[name])}<//>`;
  const week = cell.last && hasAmounts(cell) ? amountOf(plus(cell.won, cell.commit)) - amountOf(plus(cell.last.won, cell.last.commit)) : 0;
  return html`<div class="card-body stack"><${Lead} cell=${cell} link=${link} forecast=${forecast} />
    ${hasAmounts(cell) && html`<div class="quarter"><${CellBar} cell=${cell} />${cell.target && html`<p class="tiny faint row">${to(link('won'), t('{share} won', { share: percent(amountOf(cell.won) / Math.max(1, amountOf(cell.target))) }))}
        ${to(link('won', 'commit'), t('{share} with commit', { share: percent((amountOf(cell.won) + amountOf(cell.commit)) / Math.max(1, amountOf(cell.target))) }))}<b class="push strong">${to(forecast, t('Target {v}', { v: moneyShort(cell.target) }))}</b></p>`}</div>
      <div class="legend">${part('won', 'accent', t('Won'))}${part('commit', 'soft', t('Commit'))}${part('best', 'hatch', t('Best case'))}</div>
      ${(leads(cell) || week !== 0) && html`<p class="small dim">${leads(cell) && to(link('won'), t('At this pace {v} by the end of the quarter.', { v: moneyShort(cell.pace) }))} ${week !== 0 && to(was, week > 0 ? t('{v} more than a week ago.', { v: moneyShort({ ...cell.won, value: week }) }) : t('{v} less than a week ago.', { v: moneyShort({ ...cell.won, value: -week }) }))}</p>`}`}
    ${cell.target_count !== undefined && html`<p class="small dim">${to(link('won'), t('{n} of {target} won', { n: number(cell.won_count), target: number(cell.target_count) }))}</p>`}</div>`;
}

/** What the quarter comes to, of the reader or of all he sees. */
export function Outlook({ entity: e }) {
  const mine = (prefs.value.outlook ?? (isAdmin() || me().leads?.length ? 'all' : 'mine')) === 'mine' && fieldOf(e, 'owner');
  const q = quarterOf();
  const from = `${q.slice(0, 5)}${String(Number(q[6]) * 3 - 2).padStart(2, '0')}`;
  const to = monthAfter(from, 2);
  const filter = mine ? MINE : '';
  const list = useLoad((o) => get('/forecast', { from: q, to: q, filter }, o), [e.name, filter, q, rowsOf(e.name), valuesOf(e.name)]);
  const on = (day, ...names) => listAddress(e, day, filter, names.map((n) => `(${rowsBehind(e, null, n, from, to)})`).join(' or '));
  const link = (...names) => on('', ...names);
  const forecast = `/${e.plural}?mode=forecast&from=${from}${mine ? '&f.owner=in:me' : ''}`;
  const left = daysFromNow(`${monthAfter(to, 1)}-01`);
  const whose = (value, label) => html`<button type="button" class="btn btn-sm" aria-pressed=${(value === 'mine') === Boolean(mine)} onClick=${() => setPref({ outlook: value })}>${label}</button>`;
  return html`<${Card} id="h-quarter" title=${html`<${Link} class="plain" to=${forecast}>${t('Forecast {period}', { period: `Q${q[6]} ${q.slice(0, 4)}` })}<//>`} extra=${html`<span class="small faint">${tn('{n} day left', '{n} days left', left)}</span>
      ${fieldOf(e, 'owner') && html`<div class="segments push" role="group" aria-label=${t('Whose forecast')}>${whose('mine', t('Mine'))}${whose('all', t('All'))}</div>`}`}>
    ${list.error ? html`<div class="card-body"><${FailedLine} text=${t('The forecast could not be loaded.')} retry=${list.again} /></div>`
      : list.data ? html`<${Quarter} data=${list.data} link=${link} forecast=${`${forecast}&group=owner`} was=${on(list.data.last_on, 'won', 'commit')} />` : html`<div class="card-body"><${SkeletonLines} lines=${4} /></div>`}<//>`;
}

/* --- pipelines --- */

const value = (m) => Number(m?.value ?? 0);
const inStages = (pipe, ...ids) => `${entity(pipe.entity).fields.find((f) => f.type === 'pipeline').name} = ${quote(pipe.id)} and ${pipe.field} in (${ids.map(quote).join(', ')})`;
const rowsIn = (pipe, ...ids) => listAddress(entity(pipe.entity), '', inStages(pipe, ...ids));

/** Sums of the open stages of a pipeline. */
export function Pipeline({ pipe }) {
  const board = useLoad((o) => get(`/boards/${pipe.id}`, {}, o), [pipe.id, rowsOf(pipe.entity), valuesOf(pipe.entity)]);
  const open = pipe.stages.filter((s) => s.kind === 'open').map((s) => ({ ...s, ...(board.data?.stages.find((x) => x.id === s.id) ?? {}) }));
  const sum = (key) => ({ value: open.reduce((a, s) => a + value(s[key]), 0), currency: open.find((s) => s.sum)?.sum.currency });
  const max = Math.max(1, ...open.map((s) => value(s.sum)));
  if (pipe.many && board.data && !open.some((s) => s.count)) return null;
  const all = rowsIn(pipe, ...open.map((s) => s.id));
  return html`<${Card} id=${`h-${pipe.id}`} title=${pipe.many ? t('Pipeline {name}', { name: t(pipe.label) }) : t('Pipeline')} extra=${board.data && html`<${Link} class="push small plain" to=${all}><b class="strong num">${moneyShort(sum('sum'))}</b> <span class="faint">${t('open')},</span> <b class="strong num">${moneyShort(sum('weighted'))}</b> <span class="faint">${t('weighted')}</span><//>`}>
    <div class="card-body">${board.error && html`<${FailedLine} text=${t('The sums could not be loaded.')} retry=${board.again} />`}
      ${!board.data && !board.error && html`<${SkeletonLines} lines=${5} />`}
      ${board.data && html`<ul class="stagebars">${open.map((s) => html`<li key=${s.id}>
        <${Link} class="clip plain" to=${rowsIn(pipe, s.id)}>${t(s.label)}<//>
          <${Bar} parts=${[['fill-accent', value(s.weighted) / max], ['fill-soft', Math.max(0, value(s.sum) - value(s.weighted)) / max]]} label=${`${t(s.label)}: ${money(s.sum)}`} />
          <span class="num end strong">${moneyShort(s.sum)}</span><span class="num end faint">${s.count}</span></li>`)}</ul>
      <div class="legend"><span class="key"><span class="swatch swatch-accent"></span>${t('Weighted')}</span><span class="key">
        <span class="swatch swatch-soft"></span>${t('Open value')}</span></div>`}</div><//>`;
}

/* --- where they stall --- */

const fetchStays = styled('stays', rare(() => import('./stage-stays.js')));
const isSlow = (s) => s.here > 0 && s.typical_s > 0 && s.age_s >= SLOW * s.typical_s;
const days = (s) => (s < DAY_S ? t('under a day') : tn('{n} day', '{n} days', Math.round(s / DAY_S)));

function Slow({ slow, stages }) {
  const next = stages[stages.indexOf(slow) + 1];
  const takes = t('{stage} takes {days}, normally {typical}.', { stage: t(slow.label), days: days(slow.age_s), typical: days(slow.typical_s) });
  const moves = slow.conversion === null ? '' : next ? t('{rate} move on from it to {next} or further.', { rate: percent(slow.conversion / 100), next: t(next.label) }) : t('{rate} of them are won.', { rate: percent(slow.conversion / 100) });
  return html`<${Notice} tone="warn" icon="hourglass">${takes} ${moves}<//>`;
}

/** How long records stand in each stage now, against how long they used to. */
export function Stall({ pipe }) {
  const [shown, show] = useState(null);
  const rows = (stage, here, label) => html`<button type="button" class="plain" onClick=${() => show({ stage, here })}>${label}<span class="sr-only">, ${t('show the rows')}</span></button>`;
  const list = useLoad((o) => get(`/boards/${pipe.id}/stages`, {}, o), [pipe.id, rowsOf(pipe.entity)]);
  const stages = pipe.stages.filter((s) => s.kind === 'open').map((s) => ({ ...s, ...(list.data?.stages.find((x) => x.id === s.id) ?? {}) }));
  if (!list.error && (!list.data || !stages.some((s) => s.here))) return null;
  const most = Math.max(1, ...stages.map((s) => s.here));
  const slow = stages.filter(isSlow).sort((a, b) => b.age_s / b.typical_s - a.age_s / a.typical_s)[0];
  const title = pipe.many ? t('Where {things} stall: {pipeline}', { things: noun(entity(pipe.entity).label_plural), pipeline: t(pipe.label) }) : t('Where {things} stall', { things: noun(entity(pipe.entity).label_plural) });
  return html`<${Card} id=${`h-stall-${pipe.id}`} title=${title} extra=${html`<span class="push small faint">${t('last 12 months')}</span>`}>
    ${list.error ? html`<div class="card-body"><${FailedLine} text=${t('These figures could not be loaded.')} retry=${list.again} /></div>` : html`<div class="card-body stack"><table class="stall"><thead><tr class="tiny faint"><th scope="col"><span class="sr-only">${t('Stage')}</span></th><td></td><th scope="col" class="end">${t('now')}</th><th scope="col" class="end">${t('passed')}</th><th scope="col" class="end">${t('for')}</th><th scope="col" class="end wide-only">${t('normally')}</th></tr></thead>
      <tbody>${stages.map((s) => html`<tr key=${s.id}><th scope="row" class="clip">${t(s.label)}</th>
        <td class="stall-bar"><${Bar} parts=${[[isSlow(s) ? 'fill-warn' : 'fill-accent', s.here / most]]} label=${tn('{n} in {stage}', '{n} in {stage}', s.here, { stage: t(s.label) })} /></td>
        <td class="end num"><${Link} class="plain strong" to=${rowsIn(pipe, s.id)}>${number(s.here)}<//></td><td class="end num faint">${s.conversion === null ? '' : rows(s, false, percent(s.conversion / 100))}</td>
        <td class=${cx('end num nowrap', isSlow(s) ? 'stall-slow' : 'faint')}>${s.here && s.age_s !== null ? rows(s, true, days(s.age_s)) : ''}</td><td class="end num faint nowrap wide-only">${s.typical_s === null ? '' : rows(s, false, days(s.typical_s))}</td></tr>`)}</tbody></table>
      ${slow ? html`<${Slow} slow=${slow} stages=${stages} />` : html`<p class="small faint">${t('No stage takes longer than usual.')}</p>`}${shown && html`<${Later} load=${fetchStays} pipe=${pipe} days=${days} ...${shown} close=${() => show(null)} />`}</div>`}<//>`;
}

/* --- without a next step --- */

/** How many open records have nothing planned: the reader's, and his team's or all he sees. */
export function Stepless({ entity: e }) {
  const none = `${pipelinesOf(e)[0].field}.kind = "open" and count(${entity(ACTIVITY)?.plural} where ${DONE} is empty) = 0`;
  const whose = [[MINE, t('mine')], me().team ? ['team = my_team', t('of my team')] : null, isAdmin() || !me().team ? ['', t('of all')] : null].filter(Boolean);
  const list = useLoad((o) => Promise.all(whose.map(([by]) => get(pathOf(e.name), { filter: [none, by].filter(Boolean).join(' and '), limit: 1, fields: 'title' }, o))), [e.name, rowsOf(e.name), valuesOf(e.name), rowsOf(ACTIVITY), valuesOf(ACTIVITY)]);
  if (!list.data) return null;
  return html`<${Card} id=${`h-none-${e.name}`} title=${t('Open {things} without a next step', { things: noun(e.label_plural) })}>
    <ul class="card-body stepless">${whose.map(([by, label], i) => html`<li key=${by}><${Link} class="plain" to=${listAddress(e, '', none, by)}><b class="strong num">${countText(list.data[i].count, list.data[i].count_more)}</b> <span class="dim">${label}</span><//></li>`)}</ul><//>`;
}
