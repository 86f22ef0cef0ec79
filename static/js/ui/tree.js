// The tree a record stands in: where it belongs, its branches, and what they
// bring together. The figures are the server's, over all branches.
import { html, cx } from '../lib/html.js';
import { get } from '../lib/api.js';
import { pathOf } from '../lib/meta.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { Link, onDay } from '../lib/router.js';
import { t, tn } from '../lib/i18n.js';
import { money, number, relDay } from '../lib/format.js';
import { Icon, IconButton, FailedLine, useLoad } from './basics.js';
import { startCreate } from './open.js';

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

export default function Tree({ entity: e, record, rel }) {
  const tree = useLoad((o) => get(`${pathOf(e.name)}/${record.id}/tree`, {}, o), [record.id, rowsOf(e.name), valuesOf(e.name)]);
  const d = tree.data;
  const below = d?.below;
  const title = t(rel?.label ?? e.label_plural);
  return html`<section class="panel"><header class="row"><${Icon} name=${e.icon || 'folder'} /><h2>${title}</h2>
      <span class="faint small num">${below ? number(below.count) : ''}</span>
      <span class="push">${e.can?.create && html`<${IconButton} small icon="plus" label=${t('Add: {title}', { title })} onClick=${() => startCreate(e.name, { [e.tree]: { id: record.id, title: record.title } })} />`}</span></header>
    ${tree.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: title })} retry=${tree.again} />`}
    ${d && d.items.length > 1 && html`<${Branch} by=${levels(d.items)} at=${0} here=${record.id} kind=${e.name} amount=${d.figures.find((f) => f.kind === 'money')} />`}
    ${d && d.items.length === 1 && html`<p class="small faint">${t('None yet')}</p>`}
    ${d?.more && html`<p class="small faint">${t('Only the first 300 are shown.')}</p>`}
    ${below?.count > 0 && html`<h3 class="small faint tree-sum">${tn('With {n} branch', 'With {n} branches', below.count)}</h3>
      <dl class="keys">${d.figures.filter((f) => below[f.key] !== null).map((f) => html`<div key=${f.key}><dt>${says(f)}</dt><dd class="num">${shows[f.kind](below[f.key])}</dd></div>`)}</dl>`}</section>`;
}
