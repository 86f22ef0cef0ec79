// What the popovers of filters hold; loaded when the first is opened. Each editor
// gets a chip's "op:value" and hands back a new one.
import { html, useState, useLayoutEffect, useRef } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { listable } from '../lib/meta.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { withOptions, isNumeric } from './field.js';
import { Lookup } from './lookup.js';
import { TagsInput } from './tags-input.js';
import { SPANS, ALWAYS, TAG_WORDS, Title } from './filters.js';

/** Begins at the first control once there is one. */
const useFocus = (box) => useLayoutEffect(() => { box.current.querySelector('[data-first], input, select, textarea')?.focus(); }, []);

function OptionsEditor({ field: f, value, put }) {
  const [op, list = ''] = value.split(/:(.*)/s);
  const on = ['in', 'any', 'not'].includes(op) && list ? list.split('|') : [];
  const name = f.type === 'choices' ? 'any' : 'in';
  const toggle = (id) => { const next = on.includes(id) ? on.filter((x) => x !== id) : [...on, id]; put(next.length ? `${name}:${next.join('|')}` : ''); };
  return html`<div class="choices filter-options">${f.options.map((o) => html`<label key=${o.id}>
    <input type="checkbox" class="check" checked=${on.includes(o.id)} onChange=${() => toggle(o.id)} />${t(o.label)}</label>`)}</div>`;
}

function TagsEditor({ field: f, value, put }) {
  const [op, list = ''] = value.split(/:(.*)/s);
  const now = TAG_WORDS[op] ? op : 'any';
  const on = TAG_WORDS[op] && list ? list.split('|') : [];
  const [by, setBy] = useState(now);
  const set = (how, names) => { setBy(how); put(names.length ? `${how}:${names.join('|')}` : ''); };
  return html`<div class="stack"><div class="segments" role="group" aria-label=${t(f.label)}>${Object.entries(TAG_WORDS).map(([k, label]) => html`
    <button type="button" key=${k} class="btn" aria-pressed=${by === k} onClick=${() => set(k, on)}>${t(label)}</button>`)}</div>
    <${TagsInput} field=${f} small fixed data-first value=${on} aria-label=${t(f.label)} onInput=${(names) => set(by, names)} /></div>`;
}

function LinkEditor({ field: f, value, put }) {
  const [op, list = ''] = value.split(/:(.*)/s);
  const on = op === 'in' && list ? list.split('|') : [];
  const set = (ids) => put(ids.length ? `in:${ids.join('|')}` : '');
  const box = useRef(null);
  useLayoutEffect(() => { if (document.activeElement === document.body) box.current.querySelector('input').focus(); }, [on.join()]); /* what had the focus is gone */
  return html`<div class="stack" ref=${box}>${on.length > 0 && html`<span class="row wrap">${on.map((id) => html`<span class="chip" key=${id}><span><${Title} field=${f} id=${id} /></span>
      <button type="button" class="chip-x" aria-label=${t('Remove')} onClick=${() => set(on.filter((x) => x !== id))}>
        <${Icon} name="x" /></button></span>`)}</span>`}
    ${f.type === 'user' && !on.includes('me') && html`<button type="button" class="btn btn-sm" onClick=${() => set([...on, 'me'])}><${Icon} name="user" />${t('Me')}</button>`}
    <${Lookup} field=${{ ...f, type: 'link', to: f.to ?? 'user', everyone: true }} small key=${on.join()} aria-label=${t(f.label)} onInput=${(r) => r && set([...on, String(r.id)])} /></div>`;
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
  if (f.type === 'tags') return TagsEditor;
  if (f.kind === 'link') return LinkEditor;
  if (f.kind === 'date' || f.kind === 'instant') return DateEditor;
  if (isNumeric(f)) return (p) => html`<${RangeEditor} ...${p} type="number" />`;
  return f.kind === 'bool' ? BoolEditor : TextEditor;
}

/** Edits the filter of one field; with `back` there is a way to choose another. */
export function Editor({ field, value, close, back }) {
  const [now, setNow] = useState(value);
  const f = withOptions(field, null);
  const Edit = editorOf(f);
  const apply = (v = now) => { close(); setQuery({ [`f.${f.name}`]: v }); };
  const form = useRef(null);
  useFocus(form);
  return html`<form ref=${form} class="filter-form" onSubmit=${(e) => { e.preventDefault(); apply(); }}>
    <div class="row">${back && html`<button type="button" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('Back')} onClick=${back}><${Icon} name="arrow-left" /></button>`}<b class="strong grow clip">${t(f.label)}</b></div>
    <${Edit} field=${f} value=${now} put=${setNow} />
    <div class="row wrap">${ALWAYS.map(([k, label]) => html`<button type="button" key=${k} class="btn btn-quiet btn-sm" aria-pressed=${value === k} onClick=${() => apply(k)}>${t(label)}</button>`)}
      <button type="submit" class="btn btn-primary btn-sm push">${t('Apply')}</button></div></form>`;
}

/** Chooses the field to filter by, then edits its filter. */
export function Picker({ e, query, close, build }) {
  const [field, setField] = useState(null);
  const [text, setText] = useState('');
  const list = useRef(null);
  useLayoutEffect(() => { if (!field) list.current.querySelector('input').focus(); }, [field]);
  if (field) return html`<${Editor} field=${field} value=${query[`f.${field.name}`] ?? ''} close=${close} back=${() => setField(null)} />`;
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
      <button type="button" class="menu-item" onClick=${() => setField(f)}>${t(f.label)}</button></li>`)}</ul>
    <div class="menu-sep"></div><button type="button" class="menu-item" onClick=${() => { close(); build(); }}>
      <${Icon} name="sliders-horizontal" />${t('Groups, linked records, as text …')}</button></div>`;
}
