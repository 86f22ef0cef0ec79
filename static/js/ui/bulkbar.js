// What can be done with the ticked rows of a list; every action offers Undo.
import { html, useState } from '../lib/html.js';
import { bulk, explain } from '../lib/records.js';
import { expression } from '../lib/query.js';
import { fieldOf, inTitle } from '../lib/meta.js';
import { toast } from '../lib/toast.js';
import { t, tn, noun } from '../lib/i18n.js';
import { countText } from '../lib/format.js';
import { Icon, IconButton } from './basics.js';
import { Dialog, Popover } from './layers.js';
import { Export, shown } from './export.js';
import { Input, isWide } from './field.js';
import { Lookup } from './lookup.js';

/** More than so many are not deleted without a question. */
const ASKS_ABOVE = 25;

/** What the server is told: the ticked ids, the whole filter, or all. */
const target = (picked, all, state) => (!all ? { ids: [...picked] } : expression(state) ? { filter: expression(state) } : { all: true });

/** Fields one value makes sense in for many records. */
const settable = (e) => e.fields.filter((f) => !inTitle(e, f.name) && !f.readonly && !f.computed && !f.unique && (!isWide(f) || f.type === 'choices'));

function SetField({ entity: e, run, close }) {
  const fields = settable(e);
  const [name, setName] = useState(fields[0]?.name);
  const [value, setValue] = useState(null);
  const f = fields.find((x) => x.name === name);
  const submit = (ev) => { ev.preventDefault(); close(); run({ set: { [name]: value } }, (n) => tn('{field} set for {n} record', '{field} set for {n} records', n, { field: t(f.label) })); };
  return html`<form class="filter-form" onSubmit=${submit}>
    <label class="field"><span class="label">${t('Field')}</span>
      <select class="select select-sm" data-first onChange=${(ev) => { setName(ev.target.value); setValue(null); }}>${fields.map((x) => html`<option key=${x.name} value=${x.name}>${t(x.label)}</option>`)}</select></label>
    <div class="field"><span class="label" id="bulk-value">${t('New value')}</span>
      <${Input} key=${name} field=${{ ...f, required: false }} small value=${value} aria-labelledby="bulk-value" onInput=${setValue} /></div>
    <div class="row"><button type="submit" class="btn btn-primary btn-sm push">${t('Set')}</button></div></form>`;
}

const Assign = ({ run, close }) => html`<div class="filter-form"><b class="strong">${t('Assign to')}</b>
  <${Lookup} field=${{ name: 'owner', type: 'user', label: 'Owner', to: 'user' }} aria-label=${t('Assign to')}
    onInput=${(u) => { if (u) { close(); run({ set: { owner: u } }, (n) => tn('{n} record assigned to {name}', '{n} records assigned to {name}', n, { name: u.title })); } }} /></div>`;

function AskDelete({ entity: e, n, run, close }) {
  const words = { n, things: noun(e.label_plural) };
  const drop = () => { close(); run(); };
  return html`<${Dialog} title=${t('Delete {n} {things}?', words)} onClose=${close} foot=${html`<button type="button" class="btn" autofocus onClick=${close}>${t('Cancel')}</button>
      <button type="button" class="btn btn-danger" onClick=${drop}><${Icon} name="trash-2" />${t('Delete {n} {things}', words)}</button>`}>
    <div class="dialog-body"><p>${t('They move to the bin, with their links and history. Undo or the bin brings them back.')}</p></div><//>`;
}

/** May the reader do anything at all with many records? On a phone export is not offered. */
export const selectable = (e, phone) => e.can?.edit !== 'none' || e.can?.delete !== 'none' || (!phone && e.can?.export !== false);

/** Toolbar that appears with the first tick; on a phone with Select. */
export function BulkBar({ entity: e, state, picked, all, setAll, count, more, pageFull, pickPage, clear }) {
  const [busy, setBusy] = useState(false);
  const [asks, setAsks] = useState(false);
  const n = all ? count : picked.size;
  const run = async (what, message) => {
    setBusy(true);
    try { await bulk(e.name, { ...target(picked, all, state), ...what }, message, n); clear(); } catch (bad) { toast(explain(bad), { bad: true }); }
    setBusy(false);
  };
  const drop = () => run({ delete: true }, (m) => tn('{n} record moved to the bin', '{n} records moved to the bin', m));
  return html`<div class="bulkbar" role="toolbar" aria-label=${t('Actions for the selection')} aria-busy=${busy}>
    <span class="strong num nowrap">${tn('{n} selected', '{n} selected', n)}</span>
    ${!pageFull && html`<button type="button" class="btn btn-quiet btn-sm phone-only" onClick=${pickPage}>${t('Select all on this page')}</button>`}
    ${pageFull && !all && count > picked.size && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => setAll(true)}>${t('Select all {n}', { n: countText(count, more) })}</button>`}
    ${n > 0 && html`<span class="bulk-actions">
    ${fieldOf(e, 'owner') && e.can?.edit !== 'none' && html`<${Popover} class="btn btn-sm" icon="user" label=${t('Assign')}>${(close) => html`<${Assign} run=${run} close=${close} />`}<//>`}
    ${e.can?.edit !== 'none' && html`<${Popover} class="btn btn-sm" icon="pencil" label=${t('Set field')}>${(close) => html`<${SetField} entity=${e} run=${run} close=${close} />`}<//>`}
    ${e.can?.export !== false && html`<${Export} class="btn btn-sm wide-only" entity=${e} list=${shown(state, all ? expression(state) : `id in (${[...picked].join(', ')})`)} count=${n} more=${all && more} />`}
    ${e.can?.delete !== 'none' && html`<button type="button" class="btn btn-sm btn-danger" disabled=${busy} onClick=${() => (n > ASKS_ABOVE ? setAsks(true) : drop())}>
      <${Icon} name="trash-2" />${t('Delete')}</button>`}</span>`}
    <${IconButton} small icon="x" label=${t('Clear selection')} onClick=${clear} /></div>
    ${asks && html`<${AskDelete} entity=${e} n=${countText(n, all && more)} run=${drop} close=${() => setAsks(false)} />`}`;
}
