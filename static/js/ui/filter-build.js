// The filter builder: conditions in groups, over fields of the record, of what it
// links to and of what links to it; the same filter as text beside it. Loaded
// when it is first opened.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { entity, fieldOf, listable } from '../lib/meta.js';
import { USER, TEAM } from '../lib/names.js';
import { get } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { written } from '../lib/query.js';
import { t, noun } from '../lib/i18n.js';
import { countText } from '../lib/format.js';
import { OPS, aggregates, blank, classOf, emptyGroup, groupText, opsOf, parseFilter, positionIn, subject, subjectName } from '../lib/filter.js';
import { Icon, IconButton } from './basics.js';
import { Dialog } from './layers.js';
import { Lookup } from './lookup.js';
import { TagsInput } from './tags-input.js';
import { Title } from './filters.js';
import { THIS, UNITS, optionsOf } from './filter-words.js';

const COUNT_MS = 350;
const LINKS_MAX = 3;
const DEPTH_MAX = 4;

/** What can be asked of a record; the name it goes by where that is more than one field. */
const asked = (e) => [...(e.title?.length === 1 ? [] : [fieldOf(e, 'title')]), ...listable(e)].filter((f) => f.filter !== false && classOf(f) && f.name !== 'id');
const linked = (e) => e.fields.filter((f) => f.to && f.type !== 'records' && !f.system && entity(f.to)?.fields.length);

/* --- what a condition asks about: one select for each step of the way --- */

function Step({ e, deep, leaf, at, choose, label }) {
  const way = leaf.path[at];
  const on = way !== undefined ? (leaf.field === 'kind' && at === leaf.path.length - 1 && e.fields.find((f) => f.name === way)?.type === 'stage' ? `kind:${way}` : `to:${way}`) : leaf.list ? `list:${leaf.list}` : leaf.field;
  const pick = (ev) => {
    const [how, name] = ev.target.value.includes(':') ? ev.target.value.split(':') : ['', ev.target.value];
    const path = leaf.path.slice(0, at);
    const next = how === 'to' ? entity(e.fields.find((f) => f.name === name).to) : null;
    if (how === 'to') choose({ path: [...path, name], field: asked(next)[0].name });
    else if (how === 'kind') choose({ path: [...path, name], field: 'kind' });
    else if (how === 'list') choose({ path, list: name, fn: 'count' });
    else choose({ path, field: name });
  };
  const option = (value, text) => html`<option key=${value} value=${value} selected=${value === on}>${text}</option>`;
  return html`<select class="select select-sm" aria-label=${label} onChange=${pick}>
    <optgroup label=${t(e.label)}>${asked(e).flatMap((f) => [option(f.name, t(f.label)), f.type === 'stage' && option(`kind:${f.name}`, t('{stage}: open, won or lost', { stage: t(f.label) }))])}
      ${on === 'title' && e.title?.length === 1 && option('title', t(fieldOf(e, 'title').label))}</optgroup>
    ${deep && linked(e).length > 0 && html`<optgroup label=${t('Of what it links to')}>${linked(e).map((f) => option(`to:${f.name}`, `${t(f.label)} …`))}</optgroup>`}
    ${deep && e.related?.length > 0 && html`<optgroup label=${t('Count and sums')}>${e.related.map((r) => option(`list:${r.name}`, `${t(r.label)} …`))}</optgroup>`}</select>`;
}

function Subject({ root, leaf, choose }) {
  const steps = [];
  let e = root;
  const label = (i) => (i ? t('Field of {thing}', { thing: t(e.label) }) : t('Field'));
  for (let i = 0; i <= leaf.path.length && e; i++) {
    steps.push(html`<${Step} key=${i} e=${e} deep=${i < LINKS_MAX} leaf=${leaf} at=${i} choose=${choose} label=${label(i)} />`);
    const f = e.fields.find((x) => x.name === leaf.path[i]);
    if (!f || f.type === 'stage') break;
    e = entity(f.to);
  }
  const s = subject(root, leaf);
  const figure = (ev) => { const [fn, field] = ev.target.value.split('.'); choose({ path: leaf.path, list: leaf.list, fn, field, where: leaf.where }); };
  return html`${steps}${s?.list && html`<select class="select select-sm" aria-label=${t('Figure')} onChange=${figure}>${aggregates(s.e, s.list).map(([fn, field, text]) => {
    const v = field ? `${fn}.${field}` : fn;
    return html`<option key=${v} value=${v} selected=${leaf.fn === fn && leaf.field === field}>${text}</option>`;
  })}</select>`}`;
}

/* --- values --- */

/** Chips of what is chosen and a way to choose more. */
const Chosen = ({ list, put, show, children }) => html`<span class="fb-list">${list.map((v) => html`<span class="chip" key=${v}><span>${show(v)}</span>
    <button type="button" class="chip-x" aria-label=${t('Remove')} onClick=${() => put(list.filter((x) => x !== v))}><${Icon} name="x" /></button></span>`)}${children}</span>`;

function OptionList({ options, value, put, label }) {
  const left = options.filter((o) => !value.includes(o.id));
  return html`<${Chosen} list=${value} put=${put} show=${(v) => t(options.find((o) => o.id === v)?.label ?? v)}>
    ${left.length > 0 && html`<select class="select select-sm" aria-label=${label} value="" onChange=${(ev) => { put([...value, ev.target.value]); ev.target.value = ''; }}>
      <option value="">${t('Choose …')}</option>${left.map((o) => html`<option key=${o.id} value=${o.id}>${t(o.label)}</option>`)}</select>`}<//>`;
}

function WordList({ value, put, label }) {
  const add = (ev) => { const v = ev.target.value.trim(); if (v && !value.includes(v)) put([...value, v]); ev.target.value = ''; };
  return html`<${Chosen} list=${value} put=${put} show=${(v) => v}><input class="input input-sm" aria-label=${label} placeholder=${t('Type, then Enter')} onKeyDown=${(ev) => ev.key === 'Enter' && (ev.preventDefault(), add(ev))} onBlur=${add} /><//>`;
}

function LinkList({ f, value, put, label }) {
  const own = (id, text) => !value.includes(id) && html`<button type="button" class="btn btn-sm" onClick=${() => put([...value, id])}>${text}</button>`;
  return html`<${Chosen} list=${value} put=${put} show=${(v) => (v === 'my_team' ? t('My team') : html`<${Title} field=${f} id=${v} />`)}>
    <${Lookup} key=${value.join()} field=${{ ...f, type: 'link', to: f.to ?? USER, everyone: true }} small aria-label=${label} onInput=${(r) => r && put([...value, String(r.id)])} />
    ${(f.to ?? USER) === USER && own('me', t('Me'))}${f.to === TEAM && own('my_team', t('My team'))}<//>`;
}

const Plain = ({ type, value, put, label }) => html`<input class="input input-sm" type=${type} step=${type === 'number' ? 'any' : undefined} aria-label=${label} value=${value} onInput=${(ev) => put(ev.target.value)} />`;

function ValueEdit({ s, leaf, put }) {
  const c = classOf(s.f);
  const type = c === 'date' ? 'date' : c === 'number' ? 'number' : 'text';
  const label = t('Value');
  const v = leaf.value;
  const unit = (on, set, words) => html`<select class="select select-sm" aria-label=${t('Unit')} onChange=${(ev) => set(ev.target.value)}>${Object.keys(words).map((u) => html`<option key=${u} value=${u} selected=${u === on}>${t(words[u])}</option>`)}</select>`;
  switch (OPS[leaf.op].value) {
    case 'list': {
      const options = s.f.type === 'user' ? [] : optionsOf(s.e, s.f);
      if (c === 'link') return html`<${LinkList} f=${s.f} value=${v} put=${put} label=${label} />`;
      if (s.f.type === 'tags') return html`<span class="fb-tags"><${TagsInput} field=${s.f} fixed small value=${v} aria-label=${label} onInput=${put} /></span>`;
      return options.length ? html`<${OptionList} options=${options} value=${v} put=${put} label=${label} />` : html`<${WordList} value=${v} put=${put} label=${label} />`;
    }
    case 'pair': return html`<${Plain} type=${type} value=${v[0]} put=${(x) => put([x, v[1]])} label=${t('From')} /><span class="faint">–</span><${Plain} type=${type} value=${v[1]} put=${(x) => put([v[0], x])} label=${t('To')} />`;
    case 'amount': return html`<span class="fb-amount"><${Plain} type="number" value=${v[0]} put=${(x) => put([x, v[1]])} label=${label} /></span>${unit(v[1], (u) => put([v[0], u]), UNITS)}`;
    case 'unit': return unit(v, put, THIS);
    case 'text': case 'one': return html`<${Plain} type=${type} value=${v} put=${put} label=${label} />`;
    default: return null;
  }
}

/* --- rows and groups; they are changed in place, `changed` redraws --- */

function freshLeaf(e) {
  const field = asked(e).find((f) => f.name === e.list?.find((n) => asked(e).some((x) => x.name === n))) ?? asked(e)[0];
  const leaf = { path: [], field: field.name };
  leaf.op = opsOf(field)[0];
  leaf.value = blank(leaf.op);
  return leaf;
}

function Row({ root, leaf, depth, changed, remove }) {
  const s = subject(root, leaf);
  const choose = (what) => {
    for (const k of ['path', 'field', 'list', 'fn', 'where']) delete leaf[k];
    Object.assign(leaf, what);
    const ops = opsOf(subject(root, leaf).f);
    const kept = ops.includes(leaf.op) && classOf(s.f) === classOf(subject(root, leaf).f) && !['choice', 'link'].includes(classOf(s.f));
    if (!kept) { leaf.op = ops[0]; leaf.value = blank(ops[0]); }
    changed();
  };
  const operate = (ev) => {
    const op = ev.target.value;
    if (OPS[op].value !== OPS[leaf.op].value) leaf.value = blank(op);
    leaf.op = op;
    changed();
  };
  const where = () => { leaf.where ??= emptyGroup(); leaf.where.parts.push(freshLeaf(s.of)); changed(); };
  return html`<div class="fb-row" role="group" aria-label=${subjectName(root, leaf)}>
    <div class="fb-parts"><${Subject} root=${root} leaf=${leaf} choose=${choose} />
      <select class="select select-sm" aria-label=${t('Comparison')} onChange=${operate}>${opsOf(s.f).map((op) => html`<option key=${op} value=${op} selected=${op === leaf.op}>${t(OPS[op].label)}</option>`)}</select>
      <${ValueEdit} s=${s} leaf=${leaf} put=${(v) => { leaf.value = v; changed(); }} />
      ${s.list && !leaf.where?.parts.length && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${where}>${t('Only some of them')}</button>`}</div>
    <${IconButton} small icon="x" label=${t('Remove this condition')} onClick=${remove} />
    ${leaf.where?.parts.length > 0 && html`<${Group} root=${s.of} group=${leaf.where} depth=${depth + 1} changed=${changed} title=${t('Only those where')} />`}</div>`;
}

const RawRow = ({ part, changed, remove }) => html`<div class="fb-row"><input class="input input-sm mono grow" aria-label=${t('Condition as text')} spellcheck="false" value=${part.text} onInput=${(ev) => { part.text = ev.target.value; changed(); }} />
  <${IconButton} small icon="x" label=${t('Remove this condition')} onClick=${remove} /></div>`;

function Group({ root, group, depth, changed, remove, title }) {
  const box = useRef(null);
  const add = (part) => { group.parts.push(part); changed(); requestAnimationFrame(() => [...box.current.querySelectorAll(':scope > .fb-row, :scope > .fb-group')].at(-1)?.querySelector('select, input')?.focus()); };
  const drop = (part) => () => { group.parts.splice(group.parts.indexOf(part), 1); changed(); };
  const hows = [['all', t('All of these hold')], ['any', t('Any of these holds')], ['none', t('None of these holds')]];
  return html`<fieldset class="fb-group" ref=${box}><legend class="sr-only">${title ?? t('Group of conditions')}</legend>
    <div class="row">${title && html`<span class="small faint nowrap">${title}</span>`}<select class="select select-sm fb-how" aria-label=${t('How the conditions are joined')} onChange=${(ev) => { group.how = ev.target.value; changed(); }}>${hows.map(([v, text]) => html`<option key=${v} value=${v} selected=${v === group.how}>${text}</option>`)}</select>
      ${remove && html`<span class="push"><${IconButton} small icon="x" label=${t('Remove this group')} onClick=${remove} /></span>`}</div>
    ${group.parts.map((p, i) => {
    const rest = { changed, remove: drop(p), key: i };
    if (p.parts) return html`<${Group} ...${rest} root=${root} group=${p} depth=${depth + 1} />`;
    return p.text !== undefined ? html`<${RawRow} ...${rest} part=${p} />` : html`<${Row} ...${rest} root=${root} leaf=${p} depth=${depth} />`;
  })}
    <div class="row wrap"><button type="button" class="btn btn-quiet btn-sm" onClick=${() => add(freshLeaf(root))}><${Icon} name="plus" />${t('Add condition')}</button>
      ${depth < DEPTH_MAX && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => add({ how: group.how === 'any' ? 'all' : 'any', parts: [freshLeaf(root)] })}><${Icon} name="plus" />${t('Add group')}</button>`}</div></fieldset>`;
}

/* --- the whole --- */

/** What is wrong with a text, and where. */
function Wrong({ text, error }) {
  const at = positionIn(error);
  const chars = [...text];
  const end = at < 0 ? 0 : Math.max(at + 1, chars.findIndex((c, i) => i > at && /[\s(),]/.test(c)) + 1 || chars.length + 1) - 1;
  return html`<div class="field"><div class="error" role="alert"><${Icon} name="circle-alert" /><span>${error}</span></div></div>
    ${at >= 0 && html`<p class="fb-where mono" aria-hidden="true">${chars.slice(0, at).join('')}<mark>${chars.slice(at, Math.max(end, at + 1)).join('') || '…'}</mark>${chars.slice(Math.max(end, at + 1)).join('')}</p>`}`;
}

/** How many records a filter leaves: { text } or { error }. */
function useCount(e, text, wait) {
  const [found, setFound] = useState({});
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => get(`/${e.plural}`, { filter: text, limit: 1, fields: 'title' }, { signal: stop.signal }).then(
      (a) => setFound({ of: text, n: a.count, more: a.count_more }),
      (bad) => bad.name !== 'AbortError' && setFound({ of: text, error: explain(bad) }),
    ), wait ? COUNT_MS : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [e.name, text]);
  return found.of === text ? found : {};
}

/** `state` of the list whose filter is built; close() ends it. */
export default function Builder({ e, state, query, close }) {
  const begun = useRef(written(state)).current;
  const body = useRef(null);
  const [group, setGroup] = useState(null);
  const [text, setText] = useState(begun);
  const [asText, setAsText] = useState(false);
  const [error, setError] = useState('');
  const [, redraw] = useState(0);
  const now = asText || !group ? text : groupText(e, group);
  const found = useCount(e, now, true);
  const read = async (from) => {
    try {
      const next = await parseFilter(e, from);
      if (!next.parts.length) next.parts.push(freshLeaf(e));
      setGroup(next);
      setAsText(false);
      setError('');
    } catch (bad) { setText(from); setAsText(true); setError(explain(bad)); }
  };
  useEffect(() => { read(begun); }, []);
  /* Whoever opened it goes on with the first field. */
  useLayoutEffect(() => { if (group) body.current.querySelector('.fb-parts select, .fb-parts input')?.focus(); }, [Boolean(group)]);
  const turn = (to) => { if (to === asText) return; if (to) { setText(groupText(e, group)); setAsText(true); setError(''); } else read(text); };
  const apply = async (value) => {
    try { if (value) await parseFilter(e, value); } catch (bad) { setText(value); setAsText(true); setError(explain(bad)); return; }
    const chips = Object.fromEntries(Object.keys(query).filter((k) => k.startsWith('f.')).map((k) => [k, '']));
    const whole = Boolean(state.view?.filter);
    close();
    setQuery({ ...chips, filter: whole ? '' : value, whole: !whole || value === state.view.filter ? '' : value || 'true' });
  };
  const wrong = asText ? error || found.error : found.error;
  const foot = html`<span class="row num faint small" role="status">${found.n !== undefined && t('{n} {things}', { n: countText(found.n, found.more), things: found.n === 1 ? noun(e.label) : noun(e.label_plural) })}</span>
    <button type="button" class="btn push" onClick=${() => apply('')}>${t('Clear filters')}</button>
    <button type="button" class="btn btn-primary" onClick=${() => apply(now.trim())}>${t('Apply')}</button>`;
  return html`<${Dialog} title=${t('Filter {things}', { things: noun(e.label_plural) })} class="filter-builder" onClose=${close} foot=${foot}>
    <div class="dialog-body stack" ref=${body}>
      <div class="segments" role="group" aria-label=${t('Filter')}>
        <button type="button" class="btn btn-sm" aria-pressed=${!asText} onClick=${() => turn(false)}>${t('Conditions')}</button>
        <button type="button" class="btn btn-sm" aria-pressed=${asText} onClick=${() => turn(true)}>${t('As text')}</button></div>
      ${asText && html`<label class="field"><span class="label">${t('Filter as text')}</span>
        <textarea class="area mono" rows="5" spellcheck="false" aria-invalid=${wrong ? 'true' : undefined} value=${text} onInput=${(ev) => { setText(ev.target.value); setError(''); }}></textarea>
        <span class="hint">${t('For example: amount > 1000 and owner = me')}</span></label>`}
      ${!asText && group && html`<${Group} root=${e} group=${group} depth=${0} changed=${() => redraw((n) => n + 1)} />`}
      ${wrong && html`<${Wrong} text=${now} error=${wrong} />`}</div><//>`;
}
