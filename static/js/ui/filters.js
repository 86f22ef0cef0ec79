// Filter chips: one per field, edited in a popover, kept in the address.
import { html, useState, useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { known, load } from '../lib/records.js';
import { listable } from '../lib/meta.js';
import { t, key } from '../lib/i18n.js';
import { date, number } from '../lib/format.js';
import { Icon } from './basics.js';
import { Popover } from './layers.js';
import { withOptions } from './field.js';
import { Lookup } from './lookup.js';

const SPANS = [['this:week', key('This week')], ['this:month', key('This month')], ['this:quarter', key('This quarter')], ['this:year', key('This year')], ['last:7', key('Last 7 days')], ['last:30', key('Last 30 days')], ['last:90', key('Last 90 days')], ['next:7', key('Next 7 days')], ['next:30', key('Next 30 days')], ['older:30', key('More than 30 days ago')], ['older:60', key('More than 60 days ago')], ['older:180', key('More than 180 days ago')]];
const ALWAYS = [['empty:', key('Is empty')], ['some:', key('Is not empty')]];

/** Title of a linked record named in a filter, loaded when unknown. */
function Title({ field: f, id }) {
  const kind = f.to ?? f.type;
  const record = known(kind, id);
  useEffect(() => { if (id !== 'me' && !record?.title) load(kind, id, { fields: 'title' }).catch(() => null); }, [kind, id]);
  return id === 'me' ? t('Me') : record?.title ?? `#${id}`;
}

const joined = (parts) => parts.map((p, i) => html`${i > 0 && ', '}${p}`);

function rangeText(f, value) {
  const show = f.type === 'date' || f.type === 'instant' ? date : number;
  const [from, to] = value.split('..');
  if (from && to) return t('{from} to {to}', { from: show(from), to: show(to) });
  return from ? t('from {from}', { from: show(from) }) : t('up to {to}', { to: show(to) });
}

/** What a chip says after the field's name. */
function ChipValue({ chip: c }) {
  const f = withOptions(c.field, null);
  const option = (id) => t(f.options?.find((o) => o.id === id)?.label ?? id);
  const span = [...SPANS, ...ALWAYS].find(([k]) => k === `${c.op}:${c.value}`);
  if (span) return t(span[1]);
  if (c.op === 'empty') return t('Is empty');
  if (c.op === 'some') return t('Is not empty');
  if (c.op === 'bool') return c.value === 'no' ? t('No') : t('Yes');
  if (c.op === 'range') return rangeText(f, c.value);
  if (c.op === 'has') return `“${c.value}”`;
  const ids = c.value.split('|');
  const names = f.options ? ids.map(option) : ids.map((id) => html`<${Title} key=${id} field=${f} id=${id} />`);
  return html`${c.op === 'not' && `${t('not')} `}${joined(names)}`;
}

/* --- editors: each gets the chip's "op:value" and hands back a new one --- */

function OptionsEditor({ field: f, value, put }) {
  const [op, list = ''] = value.split(/:(.*)/s);
  const on = ['in', 'any', 'not'].includes(op) && list ? list.split('|') : [];
  const name = f.type === 'choices' ? 'any' : 'in';
  const toggle = (id) => { const next = on.includes(id) ? on.filter((x) => x !== id) : [...on, id]; put(next.length ? `${name}:${next.join('|')}` : ''); };
  return html`<div class="choices filter-options">${f.options.map((o) => html`<label key=${o.id}>
    <input type="checkbox" class="check" checked=${on.includes(o.id)} onChange=${() => toggle(o.id)} />${t(o.label)}</label>`)}</div>`;
}

function LinkEditor({ field: f, value, put }) {
  const [op, list = ''] = value.split(/:(.*)/s);
  const on = op === 'in' && list ? list.split('|') : [];
  const set = (ids) => put(ids.length ? `in:${ids.join('|')}` : '');
  return html`<div class="stack">${on.length > 0 && html`<span class="row wrap">${on.map((id) => html`<span class="chip" key=${id}><span><${Title} field=${f} id=${id} /></span>
      <button type="button" class="chip-x" aria-label=${t('Remove')} onClick=${() => set(on.filter((x) => x !== id))}>
        <${Icon} name="x" /></button></span>`)}</span>`}
    ${f.type === 'user' && !on.includes('me') && html`<button type="button" class="btn btn-sm" onClick=${() => set([...on, 'me'])}><${Icon} name="user" />${t('Me')}</button>`}
    <${Lookup} field=${{ ...f, type: 'link', to: f.to ?? 'user' }} small key=${on.join()} aria-label=${t(f.label)} onInput=${(r) => r && set([...on, String(r.id)])} /></div>`;
}

function RangeEditor({ field: f, value, put, type }) {
  const [from = '', to = ''] = value.startsWith('range:') ? value.slice(6).split('..') : [];
  const set = (a, b) => put(a || b ? `range:${a}..${b}` : '');
  return html`<div class="filter-range">
    <label class="field"><span class="label">${t('From')}</span>
      <input class="input input-sm" type=${type} value=${from} onInput=${(e) => set(e.target.value, to)} /></label>
    <label class="field"><span class="label">${t('To')}</span>
      <input class="input input-sm" type=${type} value=${to} onInput=${(e) => set(from, e.target.value)} /></label></div>`;
}

const DateEditor = (p) => html`<div class="stack">
  <select class="select select-sm" aria-label=${t('Period')} onChange=${(e) => p.put(e.target.value)}>
    <option value="">${t('Own period')}</option>${SPANS.map(([k, label]) => html`<option key=${k} value=${k} selected=${p.value === k}>${t(label)}</option>`)}</select>
  <${RangeEditor} ...${p} type="date" /></div>`;

const BoolEditor = ({ value, put }) => html`<div class="segments" role="group">${[['bool:yes', t('Yes')], ['bool:no', t('No')]].map(([k, label]) => html`
  <button type="button" key=${k} class="btn" aria-pressed=${value === k} onClick=${() => put(k)}>${label}</button>`)}</div>`;

const TextEditor = ({ field: f, value, put }) => html`<input class="input input-sm" data-first aria-label=${t('{field} contains', { field: t(f.label) })} placeholder=${t('contains')} value=${value.startsWith('has:') ? value.slice(4) : ''} onInput=${(e) => put(e.target.value ? `has:${e.target.value}` : '')} />`;

function editorOf(f) {
  if (f.options) return OptionsEditor;
  if (f.type === 'link' || f.type === 'user') return LinkEditor;
  if (f.type === 'date' || f.type === 'instant') return DateEditor;
  if (['integer', 'decimal', 'money', 'percent'].includes(f.type)) return (p) => html`<${RangeEditor} ...${p} type="number" />`;
  return f.type === 'bool' ? BoolEditor : TextEditor;
}

function Editor({ field, value, close, back }) {
  const [now, setNow] = useState(value);
  const f = withOptions(field, null);
  const Edit = editorOf(f);
  const apply = (v = now) => { close(); setQuery({ [`f.${f.name}`]: v }); };
  const form = useRef(null);
  useLayoutEffect(() => { if (back) form.current.querySelector('[data-first], input, select')?.focus(); }, []);
  return html`<form ref=${form} class="filter-form" onSubmit=${(e) => { e.preventDefault(); apply(); }}>
    <div class="row">${back && html`<button type="button" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('Back')} onClick=${back}><${Icon} name="arrow-left" /></button>`}<b class="strong grow clip">${t(f.label)}</b></div>
    <${Edit} field=${f} value=${now} put=${setNow} />
    <div class="row wrap">${ALWAYS.map(([k, label]) => html`<button type="button" key=${k} class="btn btn-quiet btn-sm" aria-pressed=${value === k} onClick=${() => apply(k)}>${t(label)}</button>`)}
      <button type="submit" class="btn btn-primary btn-sm push">${t('Apply')}</button></div></form>`;
}

function Expression({ value, close }) {
  const apply = (e) => { e.preventDefault(); close(); setQuery({ filter: new FormData(e.target).get('filter').trim() }); };
  return html`<form class="filter-form" onSubmit=${apply}>
    <label class="field"><span class="label">${t('Own filter')}</span>
      <textarea class="area mono" name="filter" rows="3" data-first spellcheck="false">${value}</textarea>
      <span class="hint">${t('For example: amount > 1000 and owner = me')}</span></label>
    <div class="row"><button type="submit" class="btn btn-primary btn-sm push">${t('Apply')}</button></div></form>`;
}

function Picker({ e, query, close }) {
  const [field, setField] = useState(null);
  const [text, setText] = useState('');
  if (field === 'own') return html`<${Expression} value=${query.filter ?? ''} close=${close} />`;
  if (field) return html`<${Editor} field=${field} value=${query[`f.${field.name}`] ?? ''} close=${close} back=${() => setField(null)} />`;
  const list = useRef(null);
  const key = (ev) => {
    if (ev.key === 'Enter' && ev.target.matches('input') && text && hits.length) { ev.preventDefault(); setField(hits[0]); return; }
    const down = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
    const items = down ? [...list.current.querySelectorAll('input, .menu-item')] : [];
    const to = items[items.indexOf(document.activeElement) + down];
    if (to) { ev.preventDefault(); to.focus(); }
  };
  const hits = listable(e).filter((f) => f.filter !== false && f.type !== 'records' && f.name !== 'id' && t(f.label).toLowerCase().includes(text.toLowerCase()));
  return html`<div ref=${list} class="filter-pick" onKeyDown=${key}><input class="input input-sm" data-first type="search" aria-label=${t('Find a field')} placeholder=${t('Find a field')} value=${text} onInput=${(ev) => setText(ev.target.value)} />
    <ul>${hits.map((f) => html`<li key=${f.name}>
      <button type="button" class="menu-item" onClick=${() => setField(f)}>${t(f.label)}</button></li>`)}
      <li><button type="button" class="menu-item" onClick=${() => setField('own')}>
        <${Icon} name="sliders-horizontal" />${t('Own filter')}</button></li></ul></div>`;
}

const OwnChip = ({ value }) => html`<span class="chip">
  <${Popover} class="chip-text" name=${t('Change the own filter')} label=${html`<b class="clip mono">${value}</b>`}>${(close) => html`<${Expression} value=${value} close=${close} />`}<//>
  <button type="button" class="chip-x" aria-label=${t('Remove the own filter')} onClick=${() => setQuery({ filter: '' })}>
    <${Icon} name="x" /></button></span>`;

/** The chips of a list and the button that adds one. */
export function Filters({ entity: e, state, query }) {
  return html`<span class="chips">${state.chips.map((c) => html`<span class="chip" key=${c.name}>
      <${Popover} class="chip-text" name=${t('Change filter {name}', { name: t(c.field.label) })} label=${html`<span>${t(c.field.label)} <b><${ChipValue} chip=${c} /></b></span>`}>
        ${(close) => html`<${Editor} field=${c.field} value=${query[`f.${c.name}`]} close=${close} />`}<//>
      <button type="button" class="chip-x" aria-label=${t('Remove filter {name}', { name: t(c.field.label) })} onClick=${() => setQuery({ [`f.${c.name}`]: '' })}>
        <${Icon} name="x" /></button></span>`)}
    ${state.own && html`<${OwnChip} value=${state.own} />`}</span>
    <${Popover} class="btn btn-quiet btn-sm" icon="funnel" label=${html`<span class="tool-text">${t('Filter')}</span>`} name=${t('Filter')}>${(close) => html`<${Picker} e=${e} query=${query} close=${close} />`}<//>`;
}
