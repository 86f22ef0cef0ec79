// The lines of a record, products with quantity and price, and what they come
// to: a panel beside its timeline. They are edited in a window of their own.
import { html, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldsParam, may, pathOf } from '../lib/meta.js';
import { rememberAll, rowsOf, valuesOf } from '../lib/records.js';
import { me } from '../lib/store.js';
import { watch } from '../lib/live.js';
import { Link, onDay, pastDay } from '../lib/router.js';
import { t, rare } from '../lib/i18n.js';
import { money, number } from '../lib/format.js';
import { Icon, IconButton, FailedLine, Later, useLoad } from './basics.js';

/** As many as one record is thought to have. */
const MOST = 200;
const COLUMNS = ['version', 'name', 'product', 'quantity', 'price', 'discount', 'tax', 'total', 'tax_amount', 'position', 'owner', 'team'];

/** "12.50" as a whole number of the smallest unit, exact. */
const units = (text) => { const [, sign, whole, part = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(text); return BigInt(`${sign}${whole}${part}`); };

/** The sum of amounts in one currency; null for none. */
export function sumOf(amounts) {
  const all = amounts.filter(Boolean);
  if (!all.length) return null;
  const places = all[0].value.split('.')[1]?.length ?? 0;
  const total = all.reduce((a, m) => a + units(m.value), 0n);
  const digits = String(total < 0n ? -total : total).padStart(places + 1, '0');
  const value = `${total < 0n ? '-' : ''}${places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits}`;
  return { value, currency: all[0].currency };
}

/** Net, tax by rate, and both together. */
export function Sums({ items }) {
  const net = sumOf(items.map((r) => r.total));
  const rates = [...new Set(items.filter((r) => r.tax_amount).map((r) => r.tax))].sort((a, b) => a - b);
  if (!net) return null;
  const taxes = rates.map((rate) => [rate, sumOf(items.filter((r) => r.tax === rate).map((r) => r.tax_amount))]);
  return html`<dl class="line-sums num"><div><dt>${t('Net')}</dt><dd><b class="strong">${money(net)}</b></dd></div>
    ${taxes.map(([rate, sum]) => html`<div key=${rate}><dt>${t('Tax {rate} %', { rate: number(Number(rate)) })}</dt><dd>${money(sum)}</dd></div>`)}
    ${taxes.length > 0 && html`<div><dt>${t('Gross')}</dt><dd>${money(sumOf([net, ...taxes.map(([, s]) => s)]))}</dd></div>`}</dl>`;
}

/** The lines of a record, kept fresh. */
export function useLines(own, record, day) {
  const filter = `${own.lines.of} = ${record.id}`;
  const list = useLoad((o) => get(`/${own.plural}`, { filter, sort: 'position', limit: MOST, as_of: day, fields: fieldsParam(own, [...COLUMNS, ...own.fields.filter((f) => !f.system).map((f) => f.name)]) }, o), [own.name, record.id, day, rowsOf(own.name), valuesOf(own.name)]);
  useEffect(() => watch(own.name, list.again), [own.name, record.id]);
  useEffect(() => { if (list.data && !day) rememberAll(own.name, list.data.items); }, [list.data]);
  return list;
}

const Line = ({ own, r }) => html`<li><span class="row"><span class="clip grow">${r.product?.title && r.product.title === r.name ? html`<${Link} class="plain" to=${onDay(`${pathOf(own.fields.find((f) => f.name === 'product').to)}/${r.product.id}`)}>${r.name}<//>` : r.name}</span>
  <span class="num nowrap">${r.total ? money(r.total) : html`<span class="faint">${t('No price')}</span>`}</span></span>
  <span class="small faint num">${number(Number(r.quantity))} × ${r.price ? money(r.price) : '–'}${Number(r.discount) ? ` − ${number(Number(r.discount))} %` : ''}</span></li>`;

const fetchEditor = rare(() => import('./lines-edit.js'));

export default function Lines({ entity: e, record }) {
  const own = entity(e.lined_by);
  const day = pastDay();
  const list = useLines(own, record, day);
  const [open, setOpen] = useState(false);
  const items = list.data?.items ?? [];
  const edits = !day && own.can?.create && may(e, 'edit', record, me());
  const title = t(own.label_plural);
  return html`<section class="panel lines-panel" aria-label=${title}><header class="row"><${Icon} name=${own.icon || 'package'} /><h2>${title}</h2>
      <span class="faint small num">${items.length || ''}</span><span class="push">${edits && html`<${IconButton} small icon=${items.length ? 'pencil' : 'plus'} label=${t('Edit {things}', { things: title })} onClick=${() => setOpen(true)} />`}</span></header>
    ${list.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: title })} retry=${list.again} />`}
    <ul>${items.map((r) => html`<${Line} key=${r.id} own=${own} r=${r} />`)}</ul>
    <${Sums} items=${items} />
    ${list.data && !items.length && html`<p class="small faint">${t('None yet')}</p>`}
    ${open && html`<${Later} load=${fetchEditor} leave=${() => setOpen(false)} e=${e} own=${own} record=${record} onClose=${() => setOpen(false)} />`}</section>`;
}
