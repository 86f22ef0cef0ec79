// The window in which lines are edited: each change is saved when its field is
// left, the server says what the line comes to. Enter goes to the next line, in
// the last one to the search for a product; Alt with arrows moves a line.
import { html, useState, useRef, useLayoutEffect } from '../lib/html.js';
import { fieldOf } from '../lib/meta.js';
import { create, update, remove, load, explain } from '../lib/records.js';
import { toasts, dismiss } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { money } from '../lib/format.js';
import { Icon, IconButton, Notice, SkeletonLines } from './basics.js';
import { Dialog } from './layers.js';
import { Input } from './input.js';
import { Sums, useLines } from './lines.js';

const EDITED = ['name', 'quantity', 'price', 'discount', 'tax'];
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
/** Amounts and numbers are the same whatever zeros they end with. */
const alike = (f, a, b) => same(a, b) || (a !== null && b !== null && a !== '' && f.type !== 'text' && Number(a?.value ?? a) === Number(b?.value ?? b));

/** "10.000" is 10: the places are those of the field, not of what was meant. */
const plain = (f, v) => (v !== null && ['decimal', 'percent'].includes(f.type) ? String(Number(v)) : v);

/** The input of one field of a line; saves what was typed when it is left. */
function Cell({ f, line: r, currency, onSave }) {
  const shown = f.type === 'money' && !r[f.name] && currency ? { value: '', currency } : plain(f, r[f.name] ?? null);
  const [value, setValue] = useState(shown);
  const [error, setError] = useState('');
  const typed = useRef(false);
  const was = useRef(r[f.name]);
  useLayoutEffect(() => { if (!typed.current && !same(was.current, r[f.name])) { was.current = r[f.name]; setValue(shown); } }, [r[f.name]]);
  const id = `line${r.id}-${f.name}`;
  const leave = async () => {
    if (!typed.current) return;
    typed.current = false;
    if (alike(f, value, r[f.name] ?? null)) return;
    const bad = await onSave({ [f.name]: value });
    was.current = undefined;
    setError(bad ?? '');
    if (bad) typed.current = true;
  };
  return html`<label class=${`line-cell line-${f.name}`} onFocusOut=${leave}><span class="line-label">${t(f.label)}</span>
    <${Input} field=${f} small id=${id} data-cell=${f.name} value=${value} aria-label=${`${t(f.label)}, ${r.name}`} aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${id}-e` : undefined}
      onInput=${(v) => { typed.current = true; setValue(v); }} />
    ${error && html`<span class="error" id=${`${id}-e`} role="alert"><${Icon} name="circle-alert" />${error}</span>`}</label>`;
}

/** Focuses the same field of the line above or below; below the last one the search. */
function step(node, name, by) {
  const lines = [...node.closest('.line-list').querySelectorAll('[data-line]')];
  const next = lines[lines.indexOf(node.closest('[data-line]')) + by];
  const to = next ? next.querySelector(`[data-cell="${name}"]`) : by > 0 ? document.querySelector('.line-add input') : null;
  to?.focus();
}

function Row({ own, line: r, currency, save, drop, move }) {
  const key = (ev) => {
    const name = ev.target.dataset?.cell;
    if (!name || ev.ctrlKey || ev.metaKey) return;
    if (ev.key === 'Enter') { ev.preventDefault(); step(ev.target, name, ev.shiftKey ? -1 : 1); }
    else if (ev.altKey && (ev.key === 'ArrowUp' || ev.key === 'ArrowDown')) { ev.preventDefault(); move(r, ev.key === 'ArrowUp' ? -1 : 1, name); }
  };
  return html`<li class="line" data-line=${r.id} onKeyDown=${key}>
    ${EDITED.map((n) => fieldOf(own, n)).filter(Boolean).map((f) => html`<${Cell} key=${f.name} f=${f} line=${r} currency=${currency} onSave=${(v) => save(r, v)} />`)}
    <span class="line-total num"><span class="line-label">${t(fieldOf(own, 'total').label)}</span><b class="strong">${r.total ? money(r.total) : '–'}</b></span>
    <${IconButton} small icon="trash-2" label=${t('Remove {value}', { value: r.name })} onClick=${() => drop(r)} /></li>`;
}

/** A product by search, or a line with a name of its own. */
function Add({ own, add }) {
  const product = own.fields.find((f) => f.name === 'product' && f.type === 'link');
  const [key, again] = useState(0);
  const pick = async (v) => { if (v && await add({ product: v })) again(key + 1); };
  return html`<div class="line-add row wrap">${product && html`<label class="grow"><span class="small dim">${t('Add a product')}</span>
      <${Input} key=${key} field=${{ ...product, label: t('Add a product') }} id="line-product" value=${null} onInput=${pick} /></label>`}
    <button type="button" class="btn btn-sm" onClick=${() => add({ name: t('New line') })}><${Icon} name="plus" />${t('Line without a product')}</button></div>`;
}

/** What was just done, with its Undo: the messages of the page lie beneath the window. */
function Said() {
  const last = toasts.value.findLast((x) => x.action && !x.bad);
  return last ? html`<span class="row grow lines-said" key=${last.id}><span class="clip small">${last.message}</span>
    <button type="button" class="btn btn-sm" onClick=${() => { dismiss(last.id); last.run(); }}><${Icon} name=${last.icon} />${last.action}</button></span>` : null;
}

export default function LinesEdit({ e, own, record, onClose }) {
  const list = useLines(own, record);
  const [error, setError] = useState('');
  const box = useRef(null);
  const wanted = useRef(null); /* what gets the focus when it is there: { id, cell } */
  const items = list.data?.items ?? [];
  const currency = items.find((r) => r.price)?.price.currency ?? record[own.lines.sum]?.currency;
  useLayoutEffect(() => {
    const { id, cell } = wanted.current ?? {};
    const to = id && box.current?.querySelector(`[data-line="${id}"] [data-cell="${cell}"]`);
    if (to) { wanted.current = null; to.focus(); to.select?.(); }
  });
  const fresh = () => load(e.name, record.id).catch(() => null);
  const run = async (work) => {
    try { setError(''); await work(); fresh(); return true; } catch (bad) { setError(explain(bad)); return false; }
  };
  const add = (values) => run(async () => {
    const made = await create(own.name, { ...values, [own.lines.of]: record.id, position: Math.max(0, ...items.map((r) => r.position ?? 0)) + 1 });
    wanted.current = { id: made.id, cell: values.product ? 'quantity' : 'name' };
  });
  const save = async (r, values) => {
    try {
      await update(own.name, r.id, values, { quiet: true, message: t('{thing} changed', { thing: r.name }) });
      setError('');
      fresh();
      return null;
    } catch (bad) { return bad.fields?.map((f) => f.text).join(' ') || explain(bad); }
  };
  const drop = (r) => remove(own.name, { ...r, title: r.name }).then(fresh);
  const move = (r, by, cell) => run(async () => {
    const order = [...items];
    const at = order.indexOf(r);
    if (!order[at + by]) return;
    order.splice(at + by, 0, ...order.splice(at, 1));
    for (const [i, x] of order.entries()) if (x.position !== i + 1) await update(own.name, x.id, { position: i + 1 }, { quiet: true });
    wanted.current = { id: r.id, cell };
  });
  const title = t('{things} of {name}', { things: t(own.label_plural), name: record.title });
  return html`<${Dialog} title=${title} class="lines-dialog" onClose=${onClose} foot=${html`<${Said} /><button type="button" class="btn btn-primary" onClick=${onClose}>${t('Close')}</button>`}>
    <div class="dialog-body" ref=${box}>${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}
      ${!list.data && html`<${SkeletonLines} lines=${3} />`}
      <ul class="line-list">${items.map((r) => html`<${Row} key=${r.id} own=${own} line=${r} currency=${currency} save=${save} drop=${drop} move=${move} />`)}</ul>
      <${Add} own=${own} add=${add} /><${Sums} items=${items} /></div><//>`;
}
