// The forecast by owner or team: a row for each, a column for each month, and
// all months together; every figure opens its rows.
import { html } from '../lib/html.js';
import { fieldOf } from '../lib/meta.js';
import { Link } from '../lib/router.js';
import { listAddress, rowsBehind } from '../lib/forecast.js';
import { t } from '../lib/i18n.js';
import { money, moneyShort, month as monthName, number } from '../lib/format.js';
import { Empty, SkeletonRows, UserAvatar } from './basics.js';
import { CellBar, Figures, amountOf, hasAmounts } from './outlook.js';

const both = (...parts) => parts.filter(Boolean).map((p, _, all) => (all.length > 1 ? `(${p})` : p)).join(' and ');

/** Those of one person or team; the link's name, for nobody that it is empty. */
const ofGroup = (e, by, g) => { const f = by === 'owner' ? 'owner' : 'team'; return fieldOf(e, f) ? (g.id ? `${f} = ${g.id}` : `${f} is empty`) : ''; };

/** Won and committed, which is what stands against the target. */
const surely = (cell) => ({ value: amountOf(cell.won) + amountOf(cell.commit), currency: cell.won.currency });

/** How much more that is than a week ago. */
const since = (cell) => (cell.last ? surely(cell).value - surely(cell.last).value : 0);

function Cell({ cell, of, max }) {
  const { e, pipe, filter, from, to, day } = of;
  const link = (name) => listAddress(e, day, filter, rowsBehind(e, pipe, name, from, to));
  if (!hasAmounts(cell)) return html`<td class="end num"><${Link} to=${link('won')} class="plain">${number(cell.won_count)}<//> / <${Link} to=${link('weighted')} class="plain">${number(cell.commit_count + cell.best_count + cell.pipeline_count)}<//></td>`;
  const empty = !cell.target && !['won', 'commit', 'best', 'pipeline'].some((n) => cell[`${n}_count`]);
  if (empty) return html`<td class="end faint">–</td>`;
  return html`<td class="end"><div class="outlook-cell"><span class="num" title=${t('Won {won}, committed {commit}, best case {best}.', { won: money(cell.won), commit: money(cell.commit), best: money(cell.best) })}>
    <${Link} to=${link('won')} class="plain strong">${moneyShort(cell.won)}<span class="sr-only"> ${t('won')}</span><//> <${Link} to=${link('commit')} class="plain faint">+ ${moneyShort(cell.commit)}<span class="sr-only"> ${t('committed')}</span><//></span>
    <${CellBar} cell=${cell} max=${max} />
    ${since(cell) !== 0 && html`<span class="tiny faint num">${t('{v} in a week', { v: (since(cell) > 0 ? '+' : '−') + moneyShort({ ...cell.won, value: Math.abs(since(cell)) }) })}</span>`}
    ${cell.target && html`<span class="tiny faint num">${amountOf(cell.gap) > 0 ? t('{gap} to find of {target}', { gap: moneyShort(cell.gap), target: moneyShort(cell.target) }) : t('{target} reached', { target: moneyShort(cell.target) })}</span>`}</div></td>`;
}

export default function Groups({ e, a, data, filter, frozen }) {
  if (!data) return html`<div class="page-body"><${SkeletonRows} rows=${6} cols=${7} /></div>`;
  const last = a.months.at(-1);
  const of = (g, from, to) => ({ e, pipe: a.pipe, filter: both(filter, g && ofGroup(e, a.by, g)), from, to, day: frozen, last: data.last_on });
  const most = (list) => Math.max(0, ...list.map((c) => (hasAmounts(c) ? Math.max(amountOf(c.target), amountOf(surely(c)) + amountOf(c.best)) : 0)));
  const max = most(data.groups.flatMap((g) => g.months));
  const whole = most(data.groups.map((g) => g.total));
  const name = (g) => (g.id ? g.title ?? t('Not visible to you') : a.by === 'owner' ? t('Without an owner') : t('Without a team'));
  const row = (g) => html`<tr key=${g.id ?? 0}><th scope="row">${a.by === 'owner' && g.id ? html`<${UserAvatar} user=${{ id: g.id, title: name(g) }} size="sm" label />` : name(g)}</th>
    ${g.months.map((c) => html`<${Cell} key=${c.month} cell=${c} max=${max} of=${of(g, c.month, c.month)} />`)}<${Cell} cell=${g.total} max=${whole} of=${of(g, a.from, last)} /></tr>`;
  if (!data.groups.length) return html`<div class="page-body"><${Empty} icon="target" title=${t('Nothing to forecast')} text=${t('Deals with an amount and a closing day appear here, and targets of people and teams.')} /></div>`;
  return html`<div class="page-body outlook-groups" tabindex="0" role="region" aria-label=${t('Forecast')}><table class="table"><thead><tr><th scope="col">${a.by === 'owner' ? t('Owner') : t('Team')}</th>
    ${a.months.map((m) => html`<th key=${m} scope="col" class="end">${monthName(`${m}-01`)}</th>`)}<th scope="col" class="end">${t('All months shown')}</th></tr></thead>
    <tbody>${data.groups.map(row)}</tbody>
    <tfoot><tr><th scope="row">${t('Together')}</th>${data.months.map((c) => html`<${Cell} key=${c.month} cell=${c} of=${of(null, c.month, c.month)} />`)}<${Cell} cell=${data.total} of=${of(null, a.from, last)} /></tr></tfoot></table>
    <div class="outlook-under"><${Figures} cell=${data.total} of=${of(null, a.from, last)} class="outlook-row" /></div></div>`;
}
