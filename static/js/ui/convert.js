// A record becomes others: a lead a company, a contact and a deal. For each it says what would be made, whom it may be
// that is there already, and takes either; the server is asked while typing, so nothing is a surprise.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { post } from '../lib/api.js';
import { entity, fieldOf, heldBy, isAddressPart, pathOf, pipelinesOf } from '../lib/meta.js';
import { offerUndo, planned, remember, titleOf, touch, wire } from '../lib/records.js';
import { WHY } from '../lib/why.js';
import { t } from '../lib/i18n.js';
import { Icon, Notice, useLatest } from './basics.js';
import { Dialog } from './layers.js';
import { asking } from './open.js';
import { isEmpty } from './field.js';
import { Field } from './input.js';
import { explainKept, leftIn, useAnswering, useDraft } from './kept.js';
import { Lookup } from './lookup.js';

const TYPE_MS = 350;
const close = () => { asking.value = null; };

/** The fields of `e` that a field of the source gives to, of alternatives the first that is wanted. */
function givenTo(f, name, wanted) {
  let taken = false;
  for (const entry of f.becomes === true ? [] : f.becomes ?? []) {
    const other = entry.startsWith('or ');
    const [kind, field] = entry.replace('or ', '').split('.');
    taken = taken && other;
    if (!taken && kind === name) return field;
    taken = taken || Boolean(wanted[kind]);
  }
  return null;
}

/** What the record gives to a new one of another kind. */
function mapped(e, record, name, wanted) {
  const out = {};
  for (const f of e.fields) {
    const to = givenTo(f, name, wanted);
    if (to && isEmpty(out[to]) && !isEmpty(record[f.name])) out[to] = record[f.name];
    if (to && f.type === 'addresses') for (const part of entity(name).fields.filter((x) => isAddressPart(entity(name), x))) out[part.name] ??= record[part.name];
  }
  const other = entity(name);
  if (other.fields.some((f) => f.type === 'stage') && other.title?.length === 1) out[other.title[0]] ??= record.title;
  return out;
}

/** What is wanted at first: what it became once and is there, else what may be made, and has a name. */
function firstParts(e, record) {
  const held = heldBy(e).filter((f) => entity(f.to));
  const kinds = held.map((f) => f.to);
  const all = Object.fromEntries(kinds.map((name) => [name, true]));
  return Object.fromEntries(held.map((f) => {
    const name = f.to;
    const values = mapped(e, record, name, all);
    const was = record[f.name]; /* it was set back */
    const use = was && !was.deleted && !was.hidden ? { id: was.id, title: was.title } : null;
    return [name, { wanted: Boolean(use) || (Boolean(entity(name).can?.create) && (entity(name).title ?? []).some((n) => !isEmpty(values[n]))), use, values: {} }];
  }));
}

const pipeFieldOf = (e) => e.fields.find((f) => f.type === 'pipeline');

/** Where there are several pipelines, the first about people when no firm is made, else the first that is not. */
function pipeOf(name, parts) {
  const e = entity(name);
  const all = pipelinesOf(e);
  const firm = (p) => fieldOf(e, p.firm)?.to;
  const fits = all.find((p) => (p.person ? parts[firm(p)]?.wanted === false : !all.some((x) => x.person && parts[firm(x)]?.wanted === false)));
  return all.length > 1 ? { [pipeFieldOf(e).name]: (fits ?? all[0]).id } : {};
}

const valuesOf = (name, parts) => ({ ...pipeOf(name, parts), ...parts[name].values });
const bodyOf = (parts) => Object.fromEntries(Object.entries(parts).filter(([, p]) => p.wanted).map(([name, p]) => [name, p.use ? { id: p.use.id } : wire(valuesOf(name, parts))]));

/** Messages by kind and field. */
function errorsOf(error) {
  const out = {};
  for (const f of error?.fields ?? []) {
    const [name, field = ''] = f.where.split(/[.[]/);
    (out[name] ??= {})[field] = f.text;
  }
  return out;
}

/** What the server says to it, a moment after typing stops. */
function useTrial(path, parts) {
  const [answer, setAnswer] = useState({ draft: {}, errors: {} });
  const body = bodyOf(parts);
  const text = JSON.stringify(body);
  useEffect(() => {
    if (text === '{}') return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => post(path, body, { query: { dry_run: 'draft' }, signal: stop.signal }).then(
      ({ body: b }) => setAnswer({ draft: b.draft ?? {}, errors: errorsOf(b.error) }), () => null), TYPE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [text]);
  return answer;
}

const Twin = ({ w, use }) => html`<${Notice} tone="warn" icon="triangle-alert"><span class="row wrap"><span class="grow">
  ${t('{thing} “{name}”: {why}', { thing: t(entity(w.entity).label), name: w.title, why: t(WHY[w.why] ?? '') })}${' '}
    <a href=${`${pathOf(w.entity)}/${w.id}`} target="_blank" rel="noopener">${t('Open it')}</a></span>
  <button type="button" class="btn btn-sm" onClick=${use}>${t('Use this one')}</button></span><//>`;

/** The fields of the short form, without links to what is made beside it. */
const fieldsOf = (e, parts, required) => [...new Set([...(e.quick ?? []), pipeFieldOf(e)?.name, ...required])].map((n) => fieldOf(e, n))
  .filter((f) => f && !f.readonly && !f.computed && !f.serial && !(f.type === 'link' && parts[f.to]) && f.type !== 'stage' && (f.type !== 'pipeline' || pipelinesOf(e).length > 1));

function Part({ name, part: p, parts, preset, draft, errors, put }) {
  const e = entity(name);
  const twins = p.use ? [] : (draft?.warnings ?? []).filter((w) => w.entity === name);
  const required = (draft?.required ?? []).filter((n) => isEmpty({ ...preset, ...p.values }[n]) || n in p.values);
  return html`<fieldset class="dialog-part"><legend><label class="row"><input type="checkbox" class="check" checked=${p.wanted} disabled=${!e.can?.create && !p.use} onChange=${(ev) => put({ wanted: ev.currentTarget.checked })} />
      <${Icon} name=${e.icon || 'folder'} /><span class="strong">${t(e.label)}</span></label></legend>
    ${p.wanted && html`<div class="stack">
      ${errors?.[''] && html`<${Notice} tone="bad" icon="circle-alert" alert>${errors['']}<//>`}
      ${p.use ? html`<p class="row wrap"><span class="grow">${t('“{name}” is used; what it lacks is filled in.', { name: p.use.title })}</span>
          <button type="button" class="btn btn-sm" onClick=${() => put({ use: null, wanted: Boolean(e.can?.create) })}>${t('Make a new one')}</button></p>`
      : html`${twins.map((w) => html`<${Twin} key=${w.id} w=${w} use=${() => put({ use: { id: w.id, title: w.title } })} />`)}
        <div class="form-grid">${fieldsOf(e, parts, required).map((f) => html`<${Field} key=${f.name} prefix=${`cv-${name}`} field=${f} record=${{ ...preset, ...p.values }}
          value=${f.name in p.values ? p.values[f.name] : preset[f.name]} required=${f.required || draft?.required?.includes(f.name)} error=${errors?.[f.name]} onInput=${(v) => put({ values: { ...p.values, [f.name]: v } })} />`)}</div>`}
      </div>`}
    ${!p.use && html`<div class="field"><label for=${`use-${name}`} id=${`use-${name}-l`}>${t('Or one that is there already')}</label>
      <${Lookup} field=${{ name, to: name, type: 'link', only: true }} id=${`use-${name}`} aria-labelledby=${`use-${name}-l`} value=${null} onInput=${(v) => v && put({ use: v, wanted: true })} /></div>`}</fieldset>`;
}

const key = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

/** Dialog that converts asking.value.record. */
export default function Convert() {
  const { e, record } = asking.value;
  const [first] = useState(() => firstParts(e, record));
  const place = `convert.${e.name}.${record.id}`;
  const [parts, setParts] = useState(() => Object.fromEntries(Object.entries(first).map(([name, p]) => [name, { ...p, ...leftIn(place)?.parts[name] }])));
  const inWords = (all) => ({ parts: all, values: Object.assign({}, ...Object.values(all).map((p) => p.values)) });
  const drop = useDraft(place, inWords(parts), inWords(first), { title: titleOf(e.name, record), path: `${pathOf(e.name)}/${record.id}` });
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState(null);
  useAnswering(failed?.[''], () => setFailed(null));
  const [busy, setBusy] = useState(false);
  const once = useRef(null); /* the same request twice is one */
  const form = useRef(null);
  const path = `${pathOf(e.name)}/${record.id}/convert`;
  const trial = useTrial(path, parts);
  const state = useLatest(parts);
  const wanted = Object.fromEntries(Object.entries(parts).map(([n, p]) => [n, p.wanted]));
  const any = Object.values(wanted).some(Boolean);
  const errors = (name) => {
    const all = { ...failed?.[name], ...trial.errors[name] };
    return asked ? all : Object.fromEntries(Object.entries(all).filter(([n]) => n in parts[name].values));
  };
  const put = (name, change) => { once.current = null; setFailed(null); setParts({ ...state.current, [name]: { ...state.current[name], ...change } }); };
  const submit = async (ev) => {
    ev.preventDefault();
    if (busy || !any) return;
    setBusy(true);
    setAsked(true);
    once.current ??= key();
    try {
      const { body: trial } = await post(path, bodyOf(state.current), { query: { dry_run: 'draft' } });
      if (trial.error) throw Object.assign(new Error(trial.error.text), { status: 422, fields: trial.error.fields });
      const { body } = await planned((extra, kind) => {
        const all = bodyOf(state.current);
        if (kind) once.current = key();
        return post(path, { ...all, ...(kind && { [kind]: { ...all[kind], ...extra } }) }, { headers: { 'Idempotency-Key': once.current } });
      });
      remember(e.name, body[e.name]);
      for (const name of [e.name, ...Object.keys(parts)]) touch(name);
      drop();
      close();
      offerUndo(t('{name} converted', { name: titleOf(e.name, record) }), body.already ? null : body.change, e.name, record.id);
    } catch (bad) {
      once.current = null;
      setBusy(false);
      const found = errorsOf(bad);
      setFailed(Object.keys(found).some((n) => parts[n]) ? found : { '': explainKept(bad) });
      requestAnimationFrame(() => form.current?.querySelector('[aria-invalid="true"]')?.focus());
    }
  };
  return html`<${Dialog} title=${t('Convert {name}', { name: titleOf(e.name, record) })} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${() => { drop(); close(); }}>${t('Cancel')}</button>
      <button type="submit" form="convert" class="btn btn-primary" aria-disabled=${busy || !any}>${t('Convert')}</button>`}>
    <form id="convert" ref=${form} class="dialog-body stack" onSubmit=${submit} novalidate aria-busy=${busy}>
      <p class="dim">${t('Notes, tasks and files come along; {name} stays and says what it became.', { name: titleOf(e.name, record) })}</p>
      ${failed?.[''] && html`<${Notice} tone="bad" icon="circle-alert" alert>${failed['']}<//>`}
      ${Object.entries(parts).map(([name, p]) => html`<${Part} key=${name} name=${name} part=${p} parts=${parts} preset=${{ ...mapped(e, record, name, wanted), ...pipeOf(name, parts) }} draft=${trial.draft[name]} errors=${errors(name)} put=${(change) => put(name, change)} />`)}</form><//>`;
}
