// Figures of a forecast cell: won, committed, best case and what they stand
// against, each a link to the rows behind it, with what changed in a week.
import { html, cx } from '../lib/html.js';
import { Link } from '../lib/router.js';
import { FIGURES, listAddress, rowsBehind } from '../lib/forecast.js';
import { t } from '../lib/i18n.js';
import { date, money, moneyShort } from '../lib/format.js';
import { Bar } from './charts.js';

export const amountOf = (m) => Number(m?.value ?? 0);
const less = (a, b) => ({ value: amountOf(a) - amountOf(b), currency: a.currency });
const parts = (cell) => ['won', 'commit', 'best'].map((n) => [n, amountOf(cell[n])]);
const FILLS = { won: 'fill-accent', commit: 'fill-soft', best: 'fill-hatch' };

/** Without amounts (a role may not see them) the figures are numbers of records. */
export const hasAmounts = (cell) => Boolean(cell?.won);

/** The pace of what is won says something only where it leads beyond what is sure already. */
export const leads = (cell) => Boolean(cell?.pace) && amountOf(cell.pace) >= amountOf(cell.won) + amountOf(cell.commit);

/** A sentence for those who do not see the bar. */
const said = (cell) => t('Won {won}, committed {commit}, best case {best}.', { won: money(cell.won), commit: money(cell.commit), best: money(cell.best) }) + (cell.target ? ` ${t('Target {v}', { v: money(cell.target) })}` : '');

/** Won, commit and best case side by side, as long as the largest of them or the target. */
export function CellBar({ cell, max }) {
  const most = max || Math.max(amountOf(cell.target), parts(cell).reduce((a, [, v]) => a + Math.max(0, v), 0));
  if (!hasAmounts(cell) || most <= 0) return null;
  return html`<span class="outlook-bar"><${Bar} label=${said(cell)} parts=${parts(cell).map(([n, v]) => [FILLS[n], Math.max(0, v) / most])} />
    ${cell.target && amountOf(cell.target) <= most && html`<i class="outlook-target" style=${{ insetInlineStart: `${(100 * amountOf(cell.target)) / most}%` }} aria-hidden="true"></i>`}</span>`;
}

/** What it was a week ago, where that differs. */
function Since({ cell, name, link, day }) {
  const was = cell.last?.[name];
  if (!was || !cell[name] || was.value === cell[name].value) return html`<span></span>`;
  const by = less(cell[name], was);
  const title = t('{v} on {day}', { v: money(was), day: date(day) });
  const text = html`<span aria-hidden="true">${by.value > 0 ? '+' : '−'}${moneyShort({ ...by, value: Math.abs(by.value) })}</span><span class="sr-only">${title}</span>`;
  return html`<${Link} to=${link} class=${cx('plain tiny num outlook-since', by.value > 0 ? 'is-up' : 'is-down')} title=${title}>${text}<//>`;
}

function Count({ cell, name, to }) {
  const n = cell[`${name}_count`];
  return n === undefined ? null : html`<dd class="end"><${Link} to=${to} class="plain num">${n}<//></dd><dd></dd>`;
}

/**
 * The figures of a cell as a list of terms; `of` = { e, pipe, filter, from, to, day, last }:
 * what is asked, so that each can open its rows.
 */
export function Figures({ cell, of, class: cls }) {
  const { e, pipe, filter, from, to, day, last } = of;
  const address = (name, on) => { const rows = rowsBehind(e, pipe, name, from, to); return rows && listAddress(e, on, filter, rows); };
  return html`<dl class=${cx('outlook', cls)}>${FIGURES.map(([name, label]) => {
    const rows = address(name, day);
    if (!hasAmounts(cell)) return Count({ cell, name, to: rows }) && html`<div key=${name}><dt>${t(label)}</dt><${Count} cell=${cell} name=${name} to=${rows} /></div>`;
    if (!cell[name]) return null;
    const met = name === 'gap' && amountOf(cell.gap) < 0;
    const figure = html`<span class=${cx('num', name === 'won' && 'strong')}>${moneyShort(met ? less({ ...cell.gap, value: 0 }, cell.gap) : cell[name])}</span>`;
    return html`<div key=${name} class=${cx(name === 'gap' && 'outlook-gap', met && 'is-met')}><dt>${met ? t('Above target') : t(label)}</dt>
      <dd class="end" title=${money(cell[name])}>${rows ? html`<${Link} to=${rows} class="plain">${figure}<span class="sr-only">, ${t('show the rows')}</span><//>` : figure}</dd>
      <dd class="end"><${Since} cell=${cell} name=${name} day=${last} link=${address(name, last)} /></dd></div>`;
  })}
    ${cell.target_count !== undefined && html`<div><dt>${t('Target, number won')}</dt><dd class="end num">${t('{n} of {target}', { n: cell.won_count, target: cell.target_count })}</dd><dd></dd></div>`}</dl>`;
}
