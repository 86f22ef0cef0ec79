// The branches of a tree and what they bring together, where a record has any.
import { html, cx } from '../lib/html.js';
import { pathOf } from '../lib/meta.js';
import { Link, onDay } from '../lib/router.js';
import { t, tn } from '../lib/i18n.js';
import { money, number, relDay } from '../lib/format.js';

/** Items by the one above, so that each level is drawn once; who is above is not always seen. */
function levels(items) {
  const known = new Set(items.map((x) => x.id));
  const by = new Map();
  for (const x of items) {
    const above = known.has(x.parent) ? x.parent : 0;
    by.set(above, [...(by.get(above) ?? []), x]);
  }
  return by;
}

const shows = { money: (v) => money(v), count: (v) => number(v), last: (v) => relDay(v) };
const says = (f) => (f.kind === 'money' ? t(f.label) : f.kind === 'count' ? t('Open: {things}', { things: t(f.label) }) : t('Last: {things}', { things: t(f.label) }));

function Branch({ by, at, here, kind, amount }) {
  return html`<ul class="tree">${(by.get(at) ?? []).map((x) => html`<li key=${x.id}>
    <span class=${cx('row', x.id === here && 'is-here')}>${x.id === here ? html`<b class="strong clip" aria-current="true">${x.title}</b>` : html`<${Link} class="plain clip" to=${onDay(`${pathOf(kind)}/${x.id}`)}>${x.title}<//>`}
      ${amount && x[amount.key] && Number(x[amount.key].value) !== 0 && html`<span class="push num small faint nowrap">${money(x[amount.key])}</span>`}</span>
    ${by.has(x.id) && html`<${Branch} by=${by} at=${x.id} here=${here} kind=${kind} amount=${amount} />`}</li>`)}</ul>`;
}

export default function Branches({ tree: d, entity: e, here }) {
  const below = d.below;
  return html`${d.items.length > 1 && html`<${Branch} by=${levels(d.items)} at=${0} here=${here} kind=${e.name} amount=${d.figures.find((f) => f.kind === 'money')} />`}
    ${d.more && html`<p class="small faint">${t('Only the first 300 are shown.')}</p>`}
    ${below?.count > 0 && html`<h3 class="small faint tree-sum">${tn('With {n} branch', 'With {n} branches', below.count)}</h3>
      <dl class="keys">${d.figures.filter((f) => below[f.key] !== null).map((f) => html`<div key=${f.key}><dt>${says(f)}</dt><dd class="num">${shows[f.kind](below[f.key])}</dd></div>`)}</dl>`}`;
}
