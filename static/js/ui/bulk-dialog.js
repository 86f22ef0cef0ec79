// What is done to many records at once: what it would change is told before, by
// the real thing tried and taken back. Loaded with the first action.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { post } from '../lib/api.js';
import { fieldOf, inTitle, pathOf, pipeline, stories } from '../lib/meta.js';
import { FILE, NOTE, USER } from '../lib/names.js';
import { bulk } from '../lib/many.js';
import { explain, wire } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, tn, noun } from '../lib/i18n.js';
import { countText, number } from '../lib/format.js';
import { Icon, Notice } from './basics.js';
import { Dialog } from './layers.js';
import { Value, isEmpty, isWide } from './field.js';
import { Field, Input } from './input.js';
import { Title } from './filters.js';

const TRY_MS = 350;
const NAMED = 3;

const editable = (f) => !f.readonly && !f.computed;
const lists = (e) => e.fields.filter((f) => f.kind === 'list' && editable(f)).sort((a, b) => Number(b.type === 'tags') - Number(a.type === 'tags'));
const settable = (e) => e.fields.filter((f) => editable(f) && f.type !== 'file' && !inTitle(e, f.name) && !f.unique && (!isWide(f) || ['choices', 'tags', 'longtext'].includes(f.type)));

/* --- what is asked: each form hands up { what, message(n) }, or null while something is missing --- */

function SetForm({ e, put }) {
  const fields = settable(e);
  const [name, setName] = useState(fields[0]?.name);
  const [value, setValue] = useState(null);
  const [empty, setEmpty] = useState(false);
  const [stage, setStage] = useState('');
  const f = fields.find((x) => x.name === name);
  const pipe = f.type === 'pipeline' && pipeline(value);
  const more = pipe && pipe.stages.some((s) => s.id === stage) ? { [pipe.field]: stage } : {};
  useEffect(() => put(isEmpty(value) && !empty ? null : { what: { set: { [name]: value, ...more } }, message: (n) => tn('{field} set for {n} record', '{field} set for {n} records', n, { field: t(f.label) }) }), [name, empty, stage, JSON.stringify(value)]);
  return html`<label class="field"><span class="label">${t('Field')}</span>
      <select class="select" aria-label=${t('Field')} autofocus onChange=${(ev) => { setName(ev.target.value); setValue(null); setEmpty(false); }}>${fields.map((x) => html`<option key=${x.name} value=${x.name}>${t(x.label)}</option>`)}</select></label>
    ${!empty && html`<div class="field"><span class="label" id="bulk-value">${t('New value')}</span>
      <${Input} key=${name} field=${{ ...f, required: false }} value=${value} aria-labelledby="bulk-value" onInput=${setValue} /></div>`}
    ${pipe && html`<label class="field"><span class="label">${t(fieldOf(e, pipe.field).label)}</span><select class="select" onChange=${(ev) => setStage(ev.currentTarget.value)}>
      <option value="">${t('The one that fits each')}</option>${pipe.stages.map((s) => html`<option key=${s.id} value=${s.id} selected=${s.id === stage}>${t(s.label)}</option>`)}</select></label>`}
    ${!f.required && f.type !== 'bool' && html`<label class="row small"><input type="checkbox" class="check" checked=${empty} onChange=${(ev) => { setEmpty(ev.target.checked); setValue(null); }} />${t('Empty it')}</label>`}`;
}

function AssignForm({ e, put }) {
  const fields = ['owner', 'team'].map((n) => fieldOf(e, n)).filter((f) => f && !f.readonly);
  const [to, setTo] = useState({});
  const change = (f, v) => setTo({ ...to, [f.name]: v });
  useEffect(() => {
    const set = Object.fromEntries(Object.entries(to).filter(([, v]) => v));
    put(Object.keys(set).length ? { what: { set }, message: (n) => tn('{n} record assigned to {name}', '{n} records assigned to {name}', n, { name: (set.owner ?? set.team).title }) } : null);
  }, [JSON.stringify(to)]);
  return fields.map((f) => html`<div class="field" key=${f.name}><span class="label" id=${`bulk-${f.name}`}>${t(f.label)}</span>
    <${Input} field=${{ ...f, type: f.name === 'owner' ? 'user' : f.type, to: f.to ?? USER, required: false }} value=${to[f.name] ?? null} aria-labelledby=${`bulk-${f.name}`} onInput=${(v) => change(f, v)} /></div>`);
}

function ListForm({ e, put }) {
  const fields = lists(e);
  const [name, setName] = useState(fields[0].name);
  const [how, setHow] = useState('add');
  const [value, setValue] = useState([]);
  const f = fields.find((x) => x.name === name);
  useEffect(() => put(isEmpty(value) ? null : { what: { [how]: { [name]: value } }, message: (n) => tn('{field} changed for {n} record', '{field} changed for {n} records', n, { field: t(f.label) }) }), [name, how, JSON.stringify(value)]);
  const way = (v, label) => html`<button type="button" class="btn btn-sm" aria-pressed=${how === v} onClick=${() => setHow(v)}>${label}</button>`;
  return html`<div class="segments" role="group" aria-label=${t('What to do')}>${way('add', t('Add'))}${way('remove', t('Remove'))}</div>
    <label class="field"><span class="label">${t('Field')}</span>
      <select class="select" aria-label=${t('Field')} onChange=${(ev) => { setName(ev.target.value); setValue([]); }}>${fields.map((x) => html`<option key=${x.name} value=${x.name} selected=${x.name === name}>${t(x.label)}</option>`)}</select></label>
    <div class="field" data-first><span class="label" id="bulk-entries">${how === 'add' ? t('What to add') : t('What to remove')}</span>
      <${Input} key=${`${name} ${how}`} field=${{ ...f, required: false }} fixed=${how === 'remove'} value=${value} aria-labelledby="bulk-entries" onInput=${(v) => setValue(v ?? [])} /></div>`;
}

function MakeForm({ put }) {
  const kinds = stories().filter((x) => x.can?.create && !x.custom && x.name !== FILE);
  const [kind, setKind] = useState((kinds.find((x) => x.name === NOTE) ?? kinds[0]).name);
  const [values, setValues] = useState({});
  const made = kinds.find((x) => x.name === kind);
  const fields = (made.quick?.length ? made.quick : made.list).map((n) => fieldOf(made, n)).filter((f) => f && f.type !== 'records' && !f.readonly);
  const complete = fields.every((f) => !f.required || !isEmpty(values[f.name] ?? f.default));
  useEffect(() => put(complete ? { what: { make: { [kind]: wire(Object.fromEntries(Object.entries(values).filter(([, v]) => !isEmpty(v)))) } }, message: (n) => tn('{thing} added to {n} record', '{thing} added to {n} records', n, { thing: t(made.label) }) } : null), [kind, JSON.stringify(values)]);
  return html`<div class="segments" role="group" aria-label=${t('What to add')}>${kinds.map((x) => html`<button type="button" key=${x.name} class="btn btn-sm" aria-pressed=${x.name === kind} onClick=${() => { setKind(x.name); setValues({}); }}>${t(x.label)}</button>`)}</div>
    ${fields.map((f) => html`<${Field} key=${`${kind} ${f.name}`} field=${f} prefix="bulk" value=${values[f.name] ?? f.default ?? null} onInput=${(v) => setValues({ ...values, [f.name]: v })} />`)}`;
}

function DeleteForm({ put }) {
  useEffect(() => put({ what: { delete: true }, message: (n) => tn('{n} record moved to the bin', '{n} records moved to the bin', n) }), []);
  return html`<p>${t('They move to the bin, with their links and history. Undo or the bin brings them back.')}</p>`;
}

/** The actions: title, form, label of the button for n records. */
const ACTIONS = {
  set: { title: () => t('Set field'), form: SetForm },
  assign: { title: () => t('Assign'), form: AssignForm },
  lists: { title: () => t('Add or remove entries'), form: ListForm },
  make: { title: () => t('Add a note or activity'), form: MakeForm, does: (words) => t('Add to {n} {things}', words) },
  delete: { title: () => t('Delete'), form: DeleteForm, danger: true, does: (words) => t('Delete {n} {things}', words) },
};

/* --- what it would change --- */

/** The same request tried and taken back: { of, answer } or { of, error }. */
function useTrial(e, body, key) {
  const [trial, setTrial] = useState({});
  useEffect(() => {
    if (!body) { setTrial({}); return undefined; }
    const stop = new AbortController();
    const timer = setTimeout(() => post(`${pathOf(e.name)}/bulk`, body, { query: { dry_run: 1 }, signal: stop.signal }).then(
      (x) => setTrial({ of: key, answer: x.body }),
      (bad) => bad.name !== 'AbortError' && setTrial({ of: key, error: explain(bad) }),
    ), TRY_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [key]);
  return trial.of === key ? trial : {};
}

/** Refusals by reason. */
function Refused({ e, answer }) {
  const by = new Map();
  for (const x of answer.errors) by.set(x.text, [...(by.get(x.text) ?? []), x.id]);
  const all = answer.refused === answer.errors.length;
  return html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} record stays as it is:', '{n} records stay as they are:', answer.refused)}
    <ul class="bulk-why">${[...by].map(([text, ids]) => html`<li key=${text}>${all && `${number(ids.length)} × `}${text} <span class="faint">${ids.slice(0, NAMED).map((id, i) => html`${i > 0 && ', '}<${Title} key=${id} field=${{ to: e.name }} id=${id} />`)}${ids.length > NAMED && ' …'}</span></li>`)}</ul><//>`;
}

function Examples({ e, list }) {
  const names = [...new Set(list.flatMap((x) => Object.keys(x.after)))].filter((n) => fieldOf(e, n));
  if (!names.length) return null;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('Examples')}><table class="table bulk-examples"><caption class="sr-only">${t('Examples')}</caption>
    <thead><tr><th scope="col">${t('Record')}</th>${names.map((n) => html`<th scope="col" key=${n}>${t(fieldOf(e, n).label)}</th>`)}</tr></thead>
    <tbody>${list.map((x) => html`<tr key=${x.id}><th scope="row">${x.title}</th>${names.map((n) => html`<td key=${n}>${n in x.after && html`<span class="row"><s class="faint"><${Value} field=${fieldOf(e, n)} record=${x.before} /></s><${Icon} name="arrow-right" /><span class="sr-only">${t('becomes')}</span><${Value} field=${fieldOf(e, n)} record=${x.after} /></span>`}</td>`)}</tr>`)}</tbody></table></div>`;
}

function Trial({ e, trial, waits, n }) {
  if (trial.error) return html`<${Notice} tone="bad" icon="circle-alert" alert>${trial.error}<//>`;
  const { answer } = trial;
  if (!answer) return waits && html`<p class="small faint" role="status" aria-busy="true">${t('Trying it on {n} records …', { n })}</p>`;
  const same = answer.matched - answer.changed - answer.refused;
  return html`<p class="small" role="status"><b class="strong">${tn('{n} record changes', '{n} records change', answer.changed)}</b>${same > 0 && html`, ${tn('{n} is so already', '{n} are so already', same)}`}</p>
    ${answer.refused > 0 && html`<${Refused} e=${e} answer=${answer} />`}
    ${answer.examples.length > 0 && html`<${Examples} e=${e} list=${answer.examples} />`}`;
}

/** One action on many: `target` as the server takes it, `n` of them (`more` than that). */
export default function BulkDialog({ e, action, target, n, more, done, close }) {
  const { title, form: Form, danger, does = (words) => t('Change {n} {things}', words) } = ACTIONS[action];
  const [asked, setAsked] = useState(null);
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  const body = asked && { ...target, ...asked.what, ...Object.fromEntries(['set', 'add', 'remove'].filter((k) => asked.what[k]).map((k) => [k, wire(asked.what[k])])) };
  const trial = useTrial(e, body, JSON.stringify(body));
  const nothing = trial.answer?.changed === 0;
  const words = { n: trial.answer ? number(trial.answer.changed) : countText(n, more), things: noun((trial.answer?.changed ?? n) === 1 ? e.label : e.label_plural) };
  const apply = async (ev) => {
    ev.preventDefault();
    if (!asked || busy || nothing) return;
    setBusy(true);
    try { await bulk(e.name, body, asked.message, n); close(); done(); } catch (bad) { toast(explain(bad), { bad: true }); setBusy(false); }
  };
  const foot = html`<button type="button" class="btn push" autofocus=${danger} onClick=${close}>${t('Cancel')}</button>
    <button type="submit" form="bulk-form" class=${danger ? 'btn btn-danger' : 'btn btn-primary'} disabled=${!asked || busy || nothing || Boolean(trial.error)}>${does(words)}</button>`;
  return html`<${Dialog} title=${title()} class="bulk-dialog" onClose=${close} foot=${foot}>
    <form class="dialog-body stack" id="bulk-form" ref=${form} aria-busy=${busy} onSubmit=${apply}><${Form} e=${e} put=${setAsked} />
      <div class="bulk-trial"><${Trial} e=${e} trial=${trial} waits=${Boolean(asked)} n=${countText(n, more)} /></div></form><//>`;
}
